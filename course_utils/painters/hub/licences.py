"""What the licences of the large models ask of the pictures that these paint.

Notes for teachers, not advice: what stands here was true when it was written, and each model's card links the
licence itself.
"""

from __future__ import annotations

_ITS_OWN = (
    "Stability AI's own licence decides, and it has changed before: read on the card what holds today, above "
    "all before any commercial use."
)
_SILENT = "The licence is about the model and sets no terms for its pictures."
# Licence, as the table names it -> its terms on outputs, in a sentence or two.
TERMS = {
    "CreativeML OpenRAIL-M": (
        "The licensor claims no rights in the pictures; whoever makes them is accountable for their use, "
        "which must keep to the licence's list of restrictions (paragraph 6 and attachment A)."
    ),
    "Stability AI's own": _ITS_OWN,
    "Stability AI's own, not for commerce": _ITS_OWN,
    "Stability AI Community Licence": (
        "As between you and Stability AI the pictures are yours as far as the law allows; they must keep to "
        "its acceptable-use policy and may not be used to improve another foundation model."
    ),
    "MIT": _SILENT,
    "Apache-2.0": _SILENT,
}
