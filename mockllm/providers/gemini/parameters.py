"""The members that Google's requests have, and the words that their enumerations take.

Sources: https://ai.google.dev/api/generate-content, /caching and /embeddings, Vertex AI's
reference and google-genai 3.4 (`types.py`, `models.py`), read 2026-11-22. What one of both APIs
has is known in both, but for schemas, where the SDK itself tells them apart.
"""

from __future__ import annotations

REQUEST = frozenset((
    "cachedContent", "contents", "continuationToken", "generationConfig", "labels", "model",
    "modelArmorConfig", "outputConfig", "safetySettings", "serviceTier", "store",
    "systemInstruction", "toolConfig", "tools",
))  # fmt: skip
GENERATION_CONFIG = frozenset((
    "audioTimestamp", "audioTranscriptionConfig", "candidateCount", "enableAffectiveDialog",
    "enableEnhancedCivicAnswers", "frequencyPenalty", "imageConfig", "logprobs",
    "maxOutputTokens", "mediaResolution", "modelConfig", "modelSelectionConfig",
    "presencePenalty", "responseFormat", "responseJsonSchema", "responseLogprobs",
    "responseMimeType", "responseModalities", "responseSchema", "routingConfig", "seed",
    "speechConfig", "stopSequences", "temperature", "thinkingConfig", "topK", "topP",
    "translationConfig", "_responseJsonSchema",
))  # fmt: skip
DECLARATION = frozenset((
    "behavior", "description", "name", "parameters", "parametersJsonSchema", "response",
    "responseJsonSchema",
))  # fmt: skip
SCHEMA = frozenset((
    "anyOf", "default", "description", "enum", "example", "format", "items", "maxItems",
    "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum",
    "nullable", "pattern", "prefixItems", "properties", "propertyOrdering", "required", "title",
    "type",
))  # fmt: skip
VERTEX_SCHEMA = SCHEMA | {"additionalProperties", "defs", "ref", "$defs", "$ref"}
EMBED = frozenset((
    "content", "embedContentConfig", "model", "outputDimensionality", "taskType", "title",
    "autoTruncate",
))  # fmt: skip
BATCH_EMBED = frozenset(("model", "requests"))

TYPES = ("TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL")
MODES = ("MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED")
MEDIA_TYPES = (
    "text/plain",
    "application/json",
    "application/xml",
    "application/yaml",
    "text/x.enum",
)
CATEGORIES = frozenset((
    "HARM_CATEGORY_UNSPECIFIED", "HARM_CATEGORY_DEROGATORY", "HARM_CATEGORY_TOXICITY",
    "HARM_CATEGORY_VIOLENCE", "HARM_CATEGORY_SEXUAL", "HARM_CATEGORY_MEDICAL",
    "HARM_CATEGORY_DANGEROUS", "HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT", "HARM_CATEGORY_DANGEROUS_CONTENT",
    "HARM_CATEGORY_CIVIC_INTEGRITY", "HARM_CATEGORY_JAILBREAK", "HARM_CATEGORY_IMAGE_HATE",
    "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT", "HARM_CATEGORY_IMAGE_HARASSMENT",
    "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT",
))  # fmt: skip
THRESHOLDS = frozenset((
    "HARM_BLOCK_THRESHOLD_UNSPECIFIED", "BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF",
))  # fmt: skip
TASKS = frozenset((
    "TASK_TYPE_UNSPECIFIED", "RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY",
    "CLASSIFICATION", "CLUSTERING", "QUESTION_ANSWERING", "FACT_VERIFICATION",
    "CODE_RETRIEVAL_QUERY",
))  # fmt: skip
