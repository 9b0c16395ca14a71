"""Prints access tokens of one person, each with a row of its own.

Run with a server's environment: USERNAME CLIENT SCOPE NUMBER.
"""

import sys
from uuid import uuid4

import django
from django.utils import timezone


def main() -> None:
    """Issue the tokens, without the logins that would take longer than what is measured."""
    django.setup()
    from django.contrib.auth.models import User
    from django.db import transaction
    from oidc_provider.models import Client

    from registry.oidc.access_tokens import Grant, issue

    username, client_id, scope, number = sys.argv[1:]
    grant = Grant(
        client=Client.objects.get(client_id=client_id),
        user=User.objects.get(username=username),
        scope=(scope,),
        studies=None,
    )
    with transaction.atomic():
        for _ in range(int(number)):
            answer = issue(grant, None, at=timezone.now(), jti=uuid4().hex, refresh_token="")
            print(answer["access_token"])


if __name__ == "__main__":
    main()
