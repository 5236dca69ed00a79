"""The texts of a notebook: what there is to translate in it, and the same notebook with other words.

A text is a line of Markdown without its heading or list mark, a string of a code cell that is shown, or a
comment. A string with values in it is taken as its template: "t = {t}: your loss {loss:.3f}". Names in code,
such as "scaled-linear", are no texts: a text has a space and a word.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator

import contents
import nbformat

Say = Callable[[str], str]

MARK = re.compile(r"^(#+ |\* |)(.*)$")
WORD = re.compile(r"[^\W\d_]{2,}")
PLACE = re.compile(r"\{[^{}]*\}")
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$|`[^`\n]+`")
IN_FORMULA = re.compile(r"\\text\{")
MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
NAMING = {"schedule"}  # functions whose argument is a name, whatever it looks like
WIDTH = 106  # letters of a line, less what stands around a string
COLAB = 'if "google.colab"'  # where the first cell's own work begins, after its imports
LANGUAGE = 'os.environ["COURSE_LANGUAGE"] = "{code}"\n\n'


def texts(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Every text of a notebook in its order; its contents are `contents.py`'s to say."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if "contents" not in _tags(cell):
                yield from (text for text in map(_unmarked, cell.source.splitlines()) if _is_prose(text))
        else:
            yield from (text for _, _, text, _ in _pieces(cell))


def translated(notebook: nbformat.NotebookNode, say: Say, code: str) -> nbformat.NotebookNode:
    """The notebook in the language `code`, not yet run: `say` gives the translation of a text."""
    found = nbformat.v4.new_notebook(metadata=dict(notebook.metadata))
    found.metadata.pop("widgets", None)
    for cell in notebook.cells:
        twin = nbformat.from_dict(dict(cell))
        if cell.cell_type == "code":
            twin.update(outputs=[], execution_count=None, source=_said_in_code(cell, say))
            # There is no output yet that a run could be compared with.
            tags = [
                *_tags(cell),
                *(["nbval-ignore-output"] if "nbval-ignore-output" not in _tags(cell) else []),
            ]
            twin.metadata = nbformat.from_dict({**cell.metadata, "tags": tags})
        elif "contents" in _tags(cell):
            twin.source = contents.table(contents.sections(notebook), say)
        else:
            twin.source = "\n".join(_said_in_line(line, say) for line in cell.source.splitlines())
        if "bootstrap" in _tags(cell):
            imports, work, rest = twin.source.partition(COLAB)
            twin.source = imports + LANGUAGE.format(code=code) + work + rest
        found.cells.append(twin)
    return found


def unlike(text: str, translation: str) -> list[str]:
    """What is no word, and stands in one of the two only: values, formulas, links' targets.

    How a number is written, words in a formula and a name of code that explains itself in English only are
    the translator's business.
    """
    lost, added = _fixed(text), _fixed(translation)
    return [*(lost - added).elements(), *(one for one in (added - lost).elements() if one[0] != "`")]


def _fixed(text: str) -> Counter[str]:
    values = [f"{place.partition(':')[0].rstrip('}')}}}" for place in PLACE.findall(FORMULA.sub("", text))]
    formulas = [re.sub(r"\\text\{[^}]*\}", r"\\text{}", formula) for formula in FORMULA.findall(text)]
    return Counter([*values, *formulas, *re.findall(r"\]\(([^)]*)\)", text)])


def _tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def _unmarked(line: str) -> str:
    found = MARK.match(line)
    return found[2].strip() if found else ""


def _is_prose(text: str) -> bool:
    return bool(WORD.search(FORMULA.sub("", text)) or IN_FORMULA.search(text))


def _said_in_line(line: str, say: Say) -> str:
    text = _unmarked(line)
    return line.replace(text, say(text), 1) if _is_prose(text) else line


def _said_in_code(cell: nbformat.NotebookNode, say: Say) -> str:
    source = cell.source.encode()
    for start, end, text, write in sorted(_pieces(cell), reverse=True, key=lambda piece: piece[0]):
        source = source[:start] + write(say(text)).encode() + source[end:]
    return source.decode()


def _pieces(cell: nbformat.NotebookNode) -> list[tuple[int, int, str, Say]]:
    """Texts of a code cell with their first and last byte, and what writes one down; in the cell's order."""
    source = MAGIC.sub(lambda line: line[1] + "pass".ljust(len(line[0].encode()) - len(line[1])), cell.source)
    lines = [0]
    for line in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(line.encode()))
    found: list[tuple[int, int, str, Say]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and WORD.search(token.string):
            start = lines[token.start[0] - 1] + len(token.line[: token.start[1]].encode())
            text = token.string.removeprefix("# ")
            found.append((start, start + len(token.string.encode()), text, "# {}".format))
    if "check" not in _tags(cell):  # what checks says nothing
        tree = ast.parse(source)
        for node in _strings(tree):
            start = lines[node.lineno - 1] + node.col_offset
            end = lines[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
            line = source.splitlines()[node.lineno - 1]
            found.append((start, end, _template(node), _writer(node, len(line) - len(line.lstrip()))))
    return sorted(found, key=lambda piece: piece[0])


def _strings(node: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """The strings below a node that are texts."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        shown = PLACE.sub("", _template(node))
        if " " in shown and WORD.search(shown):
            yield node
        return
    naming = isinstance(node, ast.Call) and getattr(node.func, "id", "") in NAMING
    for child in () if naming else ast.iter_child_nodes(node):
        yield from _strings(child)


def _template(node: ast.Constant | ast.JoinedStr) -> str:
    """A string as `str.format` would take it; a plain one as it is."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else _place(part)  # type: ignore[arg-type]
        for part in node.values
    )


def _place(part: ast.FormattedValue) -> str:
    kind = f":{_template(part.format_spec)}" if isinstance(part.format_spec, ast.JoinedStr) else ""
    return f"{{{ast.unparse(part.value)}{kind}}}"


def _writer(node: ast.Constant | ast.JoinedStr, indent: int) -> Say:
    """What writes a text down where a string stood; where it needs several lines, in a piece on each."""
    valued = isinstance(node, ast.JoinedStr)

    def literal(piece: str) -> str:
        return ("f" if valued and PLACE.search(piece) else "") + json.dumps(piece, ensure_ascii=False)

    def write(text: str) -> str:
        if len(text) <= WIDTH - node.col_offset:
            return literal(text)
        pieces, piece = [], ""
        for word in re.findall(r"(?:\{[^{}]*\}|[^\s{}])+\s*", text):
            if len(piece) + len(word) > WIDTH - max(indent, node.col_offset):
                pieces.append(piece)
                piece = ""
            piece += word
        return ("\n" + " " * indent).join(map(literal, (*pieces, piece)))

    return write
