"""Remembers the keys that sign render decisions."""

from django.db import models


class DecisionKey(models.Model):
    """A key pair for ES256 (RFC 7518 3.4).

    ``kid`` is the thumbprint of the public key (RFC 7638). ``private_pem`` is emptied when the key signs no more. A key signs from
    ``signs_from`` until that of the next one; its public half is published from its making until ``published_until``, which is None
    while no other key was made.
    """

    kid = models.CharField(max_length=43, unique=True)
    private_pem = models.TextField(blank=True)
    public_jwk = models.JSONField()
    signs_from = models.DateTimeField()
    published_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kid
