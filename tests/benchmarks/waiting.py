"""Is the settings of a registry that can also be asked to hold its answers back."""

from registry.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.waiting_urls"
