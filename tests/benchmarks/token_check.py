"""Prints the processor time, in milliseconds, of checking a token that was seen before; run with a server's environment."""

import sys
import time

import django
from django.utils import timezone

ROUNDS = 3000


def main() -> None:
    """Check the token given as the first argument again and again."""
    django.setup()
    from registry.oidc.verify import verify

    token = sys.argv[1]
    verify(token, at=timezone.now(), correlation_id="benchmark")
    began = time.process_time()
    for _ in range(ROUNDS):
        verify(token, at=timezone.now(), correlation_id="benchmark")
    print((time.process_time() - began) / ROUNDS * 1000)


if __name__ == "__main__":
    main()
