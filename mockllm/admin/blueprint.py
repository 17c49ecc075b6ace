"""The URLs that are mockllm's and no vendor's; `described.py` has a row for each."""

from __future__ import annotations

import os

from flask import Blueprint, Response, jsonify, request

from mockllm import __version__
from mockllm.admin import guard, requests
from mockllm.admin.explain import explain_body, explanation_object, refusal
from mockllm.admin.faults import delete_faults, list_faults, put_faults
from mockllm.admin.health import health
from mockllm.admin.openapi import openapi
from mockllm.admin.rules import add_rules, delete_rules, list_rules, put_rules
from mockllm.admin.sessions import forget
from mockllm.admin.verify import verify
from mockllm.errors import RequestError
from mockllm.opened import DEFAULT_SESSION
from mockllm.providers.registry import ASKED
from mockllm.web.view import current_runtime, request_headers

bp = Blueprint("admin", __name__)


@bp.before_request
def only_those_who_may() -> tuple[Response, int] | None:
    """Guard whatever is not a mere question, and know what other processes have set."""
    current_runtime().refresh()
    route = request.url_rule.rule if request.url_rule else request.path
    if guard.is_open(request.method, route):
        return None
    token = os.environ.get(guard.TOKEN_VARIABLE)
    reason = guard.refusal(request_headers(), request.remote_addr or "", token)
    return None if reason is None else (jsonify(error=reason), 403)


@bp.get("/")
def index() -> Response:
    text = f"mockllm {__version__}. Health: /_mockllm/health. Manual: README.md and docs/.\n"
    return Response(text, mimetype="text/plain")


@bp.get("/health")
@bp.get("/_mockllm/health")
def show_health() -> Response:
    runtime = current_runtime()
    runtime.start()
    return jsonify(health(runtime, "greenlets" in request.args))


@bp.get("/_mockllm/openapi.json")
def describe() -> Response:
    return jsonify(openapi())


@bp.delete("/_mockllm/sessions/<name>")
def forget_session(name: str) -> Response:
    return jsonify(forget(name, current_runtime()))


@bp.get("/_mockllm/requests")
def find_requests() -> Response | tuple[Response, int]:
    try:
        found, total = requests.find(request.args, current_runtime())
    except requests.BadFilter as error:
        return jsonify(error=str(error)), 400
    response = jsonify(found)
    response.headers["X-Total-Count"] = str(total)
    return response


@bp.get("/_mockllm/requests/<name>")
def get_request(name: str) -> Response | tuple[Response, int]:
    found = current_runtime().journal.get(name)
    if found is None:
        return jsonify(error=f"there is no request {name}: it never came, or is forgotten"), 404
    return jsonify(requests.request_object(found))


@bp.delete("/_mockllm/requests")
def delete_requests() -> Response | tuple[Response, int]:
    try:
        return jsonify(requests.delete(request.args, current_runtime()))
    except requests.BadFilter as error:
        return jsonify(error=str(error)), 400


@bp.get("/_mockllm/events")
def follow_requests() -> Response:
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return Response(
        requests.events(current_runtime()), mimetype="text/event-stream", headers=headers
    )


@bp.put("/_mockllm/faults")
def put_run_time_faults() -> tuple[Response, int]:
    found, status = put_faults(request.get_data(), current_runtime())
    return jsonify(found), status


@bp.get("/_mockllm/faults")
def get_run_time_faults() -> Response:
    return jsonify(list_faults(current_runtime()))


@bp.delete("/_mockllm/faults")
def delete_run_time_faults() -> Response:
    return jsonify(delete_faults(request.args.get("session", ""), current_runtime()))


@bp.put("/_mockllm/rules")
def put_run_time_rules() -> tuple[Response, int]:
    found, status = put_rules(request.get_data(), current_runtime())
    return jsonify(found), status


@bp.post("/_mockllm/rules")
def add_run_time_rules() -> tuple[Response, int]:
    found, status = add_rules(request.get_data(), current_runtime())
    return jsonify(found), status


@bp.get("/_mockllm/rules")
def get_rules() -> Response:
    return jsonify(list_rules(request.args.get("session", ""), current_runtime()))


@bp.delete("/_mockllm/rules")
def delete_run_time_rules() -> Response:
    session, name = request.args.get("session", ""), request.args.get("name")
    return jsonify(delete_rules(session, name, current_runtime()))


@bp.post("/_mockllm/verify")
def verify_requests() -> tuple[Response, int]:
    found, status = verify(request.get_data(), request.args, current_runtime())
    return jsonify(found), status


@bp.post("/_mockllm/explain")
def explain() -> Response | tuple[Response, int]:
    """Say why a body is answered as it is; `?provider=` tells whose request it is, `?session=` in
    which session."""
    provider = request.args.get("provider", "openai")
    if provider not in ASKED:
        return jsonify(error=f"provider is one of {', '.join(ASKED)}"), 400
    session = request.args.get("session") or DEFAULT_SESSION
    runtime, body = current_runtime(), request.get_data()
    ruleset = runtime.rules_of(session, runtime.live.current.ruleset)
    try:
        found = explain_body(body, provider, ruleset, session)
    except RequestError as error:
        return jsonify(error=refusal(body, provider, error)), 400
    return jsonify(explanation_object(found))
