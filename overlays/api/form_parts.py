"""Takes the parts of a multipart/form-data body (RFC 7578) as they come: a description, and mask files into a folder."""

import hashlib
from typing import BinaryIO

from django.utils.http import parse_header_parameters

from overlays.governance.errors import Invalid
from overlays.http.multipart import Event, PartBegins, PartEnds
from overlays.services.encoding_folder import EncodingFolder

DESCRIPTION, MASK = "description", "mask"


class FormParts:
    """Holds the description in memory and each mask in a file of its own.

    ``digest`` is the SHA-256 over all that came, part by part. Raises Invalid for parts that are not asked for, and for more or larger
    ones than are taken.
    """

    def __init__(self, folder: EncodingFolder, *, most_description: int, most_masks: int) -> None:
        self._folder = folder
        self._most_description = most_description
        self._most_masks = most_masks
        self._into: BinaryIO | None = None
        self._description: bytearray | None = None
        self._hash = hashlib.sha256()

    @property
    def description(self) -> bytes:
        """The description. Raises Invalid where none came."""
        if self._description is None:
            raise Invalid(f"The body has no part named {DESCRIPTION}.")
        return bytes(self._description)

    @property
    def digest(self) -> str:
        """Of all that came."""
        return self._hash.hexdigest()

    def take(self, event: Event) -> None:
        """The next event of the body."""
        match event:
            case PartBegins():
                self._begin(event.headers.get("content-disposition", ""))
            case PartEnds():
                self._end()
            case _:
                self._write(event)

    def close(self) -> None:
        """Let go of a part that was not complete."""
        if self._into is not None:
            self._into.close()
            self._into = None

    def _begin(self, disposition: str) -> None:
        try:
            kind, parameters = parse_header_parameters(disposition)
        except ValueError:
            kind, parameters = "", {}
        name, filename = parameters.get("name", ""), parameters.get("filename", "")
        self._hash.update(f"\n{name}/{filename}\n".encode())
        if kind != "form-data" or name not in (DESCRIPTION, MASK):
            raise Invalid(f"Parts are form-data named {DESCRIPTION} or {MASK}; one is {disposition[:80]!r}.")
        if name == DESCRIPTION:
            if self._description is not None:
                raise Invalid(f"The body has two parts named {DESCRIPTION}.")
            self._description = bytearray()
            return
        if self._folder.masks == self._most_masks:
            raise Invalid(f"The body has more than {self._most_masks} parts named {MASK}.", limit=self._most_masks)
        if not filename:
            raise Invalid(f"A part named {MASK} has no filename; its end tells the format.")
        self._into = self._folder.new_mask(filename)

    def _write(self, data: memoryview) -> None:
        self._hash.update(data)
        if self._into is not None:
            self._into.write(data)
            return
        if len(self._description) + len(data) > self._most_description:
            raise Invalid(
                f"The description may have {self._most_description} bytes; more came.", limit=self._most_description
            )
        self._description += data

    def _end(self) -> None:
        self.close()
