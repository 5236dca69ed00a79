"""The picture book: a small captioned world, drawn by a program.

`scene` says what is on a page, `draw` how it looks, `captions` how people would put it in the words of the
`lexicon`, `dataset` hands out as many pages as anyone asks for. Nothing here needs torch.
"""
