// Short texts with `code` between backticks and *emphasis* between stars, as nodes; nothing in them is HTML.

const PIECE = /(`[^`]+`|\*[^*\s](?:[^*]*[^*\s])?\*)/;

/** The nodes of a text. */
function prose(text) {
  return text.split(PIECE).map((piece, place) => {
    if (place % 2 === 0) return document.createTextNode(piece);
    return make(piece[0] === "`" ? "code" : "em", "", {}, piece.slice(1, -1));
  });
}
