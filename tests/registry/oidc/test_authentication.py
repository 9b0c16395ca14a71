"""The REST framework's authentication class: the header, and nothing but the header."""

import pytest
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from registry.oidc.authentication import BearerToken


class WhoAmI(APIView):
    """Answers the key and the correlation id of the actor."""

    authentication_classes = [BearerToken]
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response({"key": request.auth.key, "correlation_id": request.auth.correlation_id, "pk": request.user.pk})


def call(header: str | None = None, query: str = "", correlation_id: str | None = None):
    headers = {} if header is None else {"HTTP_AUTHORIZATION": header}
    request = APIRequestFactory().get("/" + query, **headers)
    if correlation_id:
        request.correlation_id = correlation_id
    return WhoAmI.as_view()(request)


@pytest.fixture
def token(pipeline, stranger) -> str:
    return pipeline.own(stranger).json()["access_token"]


def test_a_bearer_token_is_the_actor(token):
    assert call(f"Bearer {token}").data["key"] == "client:liver-pipeline"


def test_the_principal_has_the_actors_key(token):
    assert call(f"Bearer {token}").data["pk"] == "client:liver-pipeline"


def test_the_scheme_is_read_in_any_case(token):
    assert call(f"bearer {token}").status_code == 200


def test_the_actor_carries_the_requests_correlation_id(token):
    assert call(f"Bearer {token}", correlation_id="c-77").data["correlation_id"] == "c-77"


def test_without_a_correlation_id_one_is_made(token):
    assert len(call(f"Bearer {token}").data["correlation_id"]) == 36


def test_a_request_without_header_is_challenged(db):
    response = call()
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="overlays"')


def test_another_scheme_is_challenged(db):
    assert call("Basic dTpw").status_code == 401


def test_a_refused_token_is_told_so(db):
    response = call("Bearer garbage")
    assert (response.status_code, response["WWW-Authenticate"]) == (
        401,
        'Bearer realm="overlays", error="invalid_token"',
    )


def test_a_refused_token_has_a_code(db):
    request = WhoAmI().initialize_request(APIRequestFactory().get("/", HTTP_AUTHORIZATION="Bearer garbage"))
    with pytest.raises(AuthenticationFailed) as refusal:
        BearerToken().authenticate(request)
    assert refusal.value.get_codes() == "invalid_token"


@pytest.mark.parametrize("name", ["access_token", "token"])
def test_a_token_in_the_address_is_refused(token, name):
    assert call(query=f"?{name}={token}").status_code == 401


def test_a_token_in_the_address_is_refused_beside_a_good_header(token):
    response = call(f"Bearer {token}", query=f"?access_token={token}")
    assert response.data["code"] == "token_in_url"


def test_an_overlong_header_is_refused(db):
    assert call("Bearer " + "x" * 9000).status_code == 401


def test_a_warm_request_asks_nothing_of_the_database(token, django_assert_num_queries):
    call(f"Bearer {token}")
    with django_assert_num_queries(0):
        call(f"Bearer {token}")
