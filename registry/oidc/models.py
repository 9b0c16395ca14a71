"""Remembers what the provider's tables have no column for: the studies of grants, the issuers of people."""

from django.conf import settings
from django.db import models
from oidc_provider.models import Client, Code, Token


class ClientGrant(models.Model):
    """The studies that a client can ever reach; ``studies`` None, or no row, means that it is not narrowed.

    A client that is ``launch_only`` gets no token but one that a launch narrowed to a study.
    """

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="grant")
    studies = models.JSONField(null=True, blank=True, default=None)
    launch_only = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"grant of {self.client_id}"


class CodeGrant(models.Model):
    """The studies asked for with an authorization request, kept until its code is redeemed."""

    code = models.OneToOneField(Code, on_delete=models.CASCADE, related_name="grant")
    studies = models.JSONField()

    def __str__(self) -> str:
        return f"grant of code {self.code_id}"


class TokenGrant(models.Model):
    """The studies of an issued token, kept so that what is refreshed from it is as narrow."""

    token = models.OneToOneField(Token, on_delete=models.CASCADE, related_name="grant")
    studies = models.JSONField()

    def __str__(self) -> str:
        return f"grant of token {self.token_id}"


class ExternalPerson(models.Model):
    """A person as an external issuer knows them. One person has one key here, in the admin's session and by the issuer's tokens."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="external")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_externalperson_unique")]

    def __str__(self) -> str:
        return f"person {self.user_id}"
