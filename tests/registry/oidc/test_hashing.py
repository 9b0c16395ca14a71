"""What is stored of secrets."""

from registry.oidc.hashing import at_rest, bind, matches


def test_a_digest_matches_itself():
    assert matches(at_rest("secret"), at_rest("secret"))


def test_another_digest_does_not_match():
    assert not matches(at_rest("secret"), at_rest("other"))


def test_a_stored_plaintext_matches_nothing():
    assert not matches("secret", "secret")


def test_a_stored_form_does_not_hold_the_secret():
    assert "secret" not in at_rest("secret")


def test_two_addresses_bind_differently():
    assert bind("https://a.example/cb") != bind("https://a.example/cb2")
