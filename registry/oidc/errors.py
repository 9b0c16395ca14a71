"""Names the refusals of the authorization server as OAuth 2.0 does (RFC 6749 5.2)."""


class OAuthError(Exception):
    """A refused request: the error word of the protocol, a sentence that holds no secret, the HTTP status."""

    def __init__(self, error: str, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.error = error
        self.sentence = sentence
        self.status = status

    def as_dict(self) -> dict[str, str]:
        """The body of the answer."""
        return {"error": self.error, "error_description": self.sentence}


class TokenRefused(Exception):
    """A bearer token is not acceptable. ``reason`` is for the log; it never quotes the token."""

    code = "invalid_token"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
