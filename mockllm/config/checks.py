"""The table of what is checked beyond shape: of each file, of the files of one path together, and
of all files together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mockllm.config.check_delivery import (
    chaos_that_does_something,
    faults_that_can_be,
    limits_that_limit,
    percentiles_that_rise,
    profiles_that_exist,
)
from mockllm.config.check_expect import expectations_that_can_be_met, rules_that_come_before
from mockllm.config.check_folders import (
    rule_names_given_once,
    same_key_in_two_files,
    tool_names_that_agree,
)
from mockllm.config.check_replies import (
    errors_that_say_what,
    files_that_can_be_read,
    numbers_of_vectors,
    replies_of_one_kind,
    values_of_headers_and_params,
)
from mockllm.config.check_rules import (
    numbers_that_can_be_met,
    rules_of_one_choice,
    whens_that_ask_for_something,
)
from mockllm.config.check_settings import models_named_once
from mockllm.config.check_texts import (
    needles_nobody_sends,
    regexes_for_ascii_only,
    regexes_that_compile,
    templates_that_compile,
    texts_cut_by_comments,
    texts_of_other_types,
    texts_that_look_like_templates,
)
from mockllm.config.document import Document
from mockllm.core.problems import Problem

DOCUMENT_CHECKS: tuple[Callable[[Document], Iterator[Problem]], ...] = (
    replies_of_one_kind,
    rules_of_one_choice,
    whens_that_ask_for_something,
    numbers_that_can_be_met,
    expectations_that_can_be_met,
    regexes_that_compile,
    templates_that_compile,
    files_that_can_be_read,
    values_of_headers_and_params,
    numbers_of_vectors,
    errors_that_say_what,
    texts_of_other_types,
    texts_cut_by_comments,
    needles_nobody_sends,
    regexes_for_ascii_only,
    texts_that_look_like_templates,
    models_named_once,
    faults_that_can_be,
    chaos_that_does_something,
    limits_that_limit,
    percentiles_that_rise,
)
FOLDER_CHECKS: tuple[Callable[[Sequence[Document]], Iterator[Problem]], ...] = (
    same_key_in_two_files,
    rule_names_given_once,
)
RULESET_CHECKS: tuple[Callable[[Sequence[Document]], Iterator[Problem]], ...] = (
    tool_names_that_agree,
    profiles_that_exist,
    rules_that_come_before,
)
