// RGB numbers to the pixels of a canvas.

/** Fill an RGBA image with scale_a a + scale_b b + offset; the clamped array rounds and clips. */
function fill({ data }, a, scaleA, b, scaleB, offset) {
  for (let i = 0, j = 0; i < a.length; i += 3, j += 4) {
    data[j] = scaleA * a[i] + scaleB * b[i] + offset;
    data[j + 1] = scaleA * a[i + 1] + scaleB * b[i + 1] + offset;
    data[j + 2] = scaleA * a[i + 2] + scaleB * b[i + 2] + offset;
  }
}

/** Show an image at its own size; the style sheet enlarges it. */
function putImage(canvas, image) {
  if (canvas.width !== image.width) canvas.width = image.width;
  if (canvas.height !== image.height) canvas.height = image.height;
  canvas.getContext("2d").putImageData(image, 0, 0);
}
