"""How a prompt is cut into the tokens that a text encoder reads: CLIP's way, and a language model's.

`room` tokens are read, padded where a prompt has fewer; the prompt's own begin at index `start`.
"""

from __future__ import annotations

from functools import cached_property

from course_utils.painters.parts import Parts


class ClipTokens:
    """One token marks the start and one the end; the end is repeated as padding."""

    start = 1

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @cached_property
    def room(self) -> int:
        """How many tokens the text encoder reads."""
        return self._parts.config("text_encoder")["max_position_embeddings"]

    def count(self, text: str) -> int:
        """How many tokens a text takes, all marks included."""
        return len(self._parts.splitter.encode(text).ids)

    def numbers(self, text: str) -> list[int]:
        """The ids of all `room` tokens, padding included."""
        found = self._parts.splitter.encode(text).ids
        return found + found[-1:] * (self.room - len(found))

    def pieces(self, text: str) -> list[str]:
        """The text's own tokens, as they are written."""
        return [token.removesuffix("</w>") for token in self._parts.splitter.encode(text).tokens[1:-1]]


class ChatTokens(ClipTokens):
    """The prompt in the model's chat template, followed by padding."""

    start = 0

    @cached_property
    def room(self) -> int:
        """See `ClipTokens`."""
        return self._parts.length

    def count(self, text: str) -> int:
        """See `ClipTokens`."""
        return len(self._cut(text))

    def numbers(self, text: str) -> list[int]:
        """See `ClipTokens`."""
        return self._cut(text, padding="max_length", max_length=self.room)

    def pieces(self, text: str) -> list[str]:
        """See `ClipTokens`."""
        return [self._parts.tokenizer.decode([number]).strip() for number in self._cut(text)]

    def _cut(self, text: str, **more: object) -> list[int]:
        words = self._parts.tokenizer
        chat = words.apply_chat_template([{"role": "user", "content": text}], tokenize=False)
        return words(chat, **more).input_ids
