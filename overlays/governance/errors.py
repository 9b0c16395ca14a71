"""Names what can go wrong in the registry's own words; the faces decide how each is said over HTTP."""


class RegistryError(Exception):
    """A refusal: a stable ``code``, a sentence for people, and the data that a program may need.

    Knows no HTTP: each face maps the classes of this module once.
    """

    code = "refused"

    def __init__(self, sentence: str, **data: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.data = data


class NotPermitted(RegistryError):
    """The actor's scopes do not allow the action."""

    code = "not_permitted"


class NotFound(RegistryError):
    """There is no such thing, or the actor's grant does not reach it: the two are not told apart."""

    code = "not_found"


class Conflict(RegistryError):
    """The act contradicts what is already so; nothing was written."""

    code = "conflict"


class StaleView(Conflict):
    """The act rests on bytes or a state that is no longer the present one."""

    code = "stale_view"


class TransitionRefused(Conflict):
    """The state table has no such step."""

    code = "transition_refused"


class NotComparable(Conflict):
    """The two things have nothing that could be compared, or what they have cannot be read."""

    code = "not_comparable"


class DifferentGeometry(NotComparable):
    """They lie in different places, or on different grids."""

    code = "different_geometry"


class Invalid(RegistryError):
    """What was sent is not acceptable in itself."""

    code = "invalid"


class Unprocessable(Invalid):
    """What was sent is well formed, but nothing can be made of it; ``findings`` say why."""

    code = "unprocessable"


class Unavailable(RegistryError):
    """A part that is needed does not answer; trying again may help."""

    code = "unavailable"


class ArchiveFailed(RegistryError):
    """The archive that holds the images cannot be reached, fails, or answers with what it should not."""

    code = "archive_failed"


class ArchiveTooSlow(ArchiveFailed):
    """The archive does not answer in time."""

    code = "archive_too_slow"
