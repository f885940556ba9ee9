"""Models that providers host, and servers of one's own: which name leads where.

Every provider with an address that speaks OpenAI's chat protocol is reached through it; Anthropic, Google,
Vertex and Bedrock have clients of their own. Keys come from the provider's usual environment variable and
are handed to the client alone. Nothing here names a model.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from novum.errors import MissingExtra, UserError
from novum.models.client import ClientModel
from novum.models.prices import FREE, PriceList
from novum.models.registry import Surroundings


class Address(NamedTuple):
    """Where a provider listens: its chat address, variables for key and another address, and its name in
    the table of prices."""

    url: str
    keys: tuple[str, ...]
    other_url: str = ""
    listed_as: str = ""


ADDRESSES: Mapping[str, Address] = {
    "openai": Address("https://api.openai.com/v1", ("OPENAI_API_KEY",), "OPENAI_BASE_URL", "openai"),
    "deepseek": Address("https://api.deepseek.com", ("DEEPSEEK_API_KEY",), "", "deepseek"),
    "openrouter": Address("https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",), "", "openrouter"),
    "groq": Address("https://api.groq.com/openai/v1", ("GROQ_API_KEY",), "", "groq"),
    "mistral": Address("https://api.mistral.ai/v1", ("MISTRAL_API_KEY",), "", "mistral"),
    "huggingface": Address("https://router.huggingface.co/v1", ("HF_TOKEN",), "", "huggingface"),
    "ollama": Address("http://localhost:11434/v1", (), "OLLAMA_BASE_URL"),
    "vllm": Address("http://localhost:8000/v1", (), "VLLM_BASE_URL"),
    "llamacpp": Address("http://localhost:8080/v1", (), "LLAMACPP_BASE_URL"),
}
ANTHROPIC_KEYS = ("ANTHROPIC_API_KEY",)
GOOGLE_KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
VERTEX_PROJECT = ("GOOGLE_CLOUD_PROJECT",)
AWS_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
OWN_KEYS = {"OLLAMA_BASE_URL": "OLLAMA_API_KEY", "VLLM_BASE_URL": "VLLM_API_KEY"}
ANY_KEY = "NOVUM_MODEL_KEY"  # for an address given by hand


def keyed() -> dict[str, tuple[str, ...]]:
    """Backends that need a key, and the variables of which one must hold it."""
    others = {
        "anthropic": ANTHROPIC_KEYS,
        "google": GOOGLE_KEYS,
        "vertex": VERTEX_PROJECT,
        "bedrock": AWS_REGION,
    }
    return {scheme: a.keys for scheme, a in ADDRESSES.items() if a.keys} | others


def opener(scheme: str) -> Callable[[str, Surroundings], ClientModel]:
    """The backend of one of `ADDRESSES`."""

    def open_named(rest: str, around: Surroundings) -> ClientModel:
        address = ADDRESSES[scheme]
        url = around.environ.get(address.other_url) or address.url
        key = _key(f"{scheme}:{rest}", address.keys, around) if address.keys else _own_key(address, around)
        name, own_server = f"{scheme}:{rest}", not address.keys
        listed_as = address.listed_as if url == address.url else ""
        prices = _prices(around, name, listed_as, url if own_server else "")
        return ClientModel(name, _chat(scheme, rest, url, key), prices, around, cautious=own_server)

    return open_named


openai, deepseek, openrouter = opener("openai"), opener("deepseek"), opener("openrouter")
groq, mistral, huggingface = opener("groq"), opener("mistral"), opener("huggingface")
ollama, vllm, llamacpp = opener("ollama"), opener("vllm"), opener("llamacpp")


def open_address(rest: str, around: Surroundings) -> ClientModel:
    """`http://host:port/v1#NAME` or `https://…`: any server that speaks OpenAI's chat protocol.

    Raises:
        UserError: the address has no host or no `#NAME`, or holds a key.
    """
    url, _, name = rest.partition("#")
    parts = urlsplit(url)
    if not parts.hostname or not name:
        raise UserError(f"{rest!r} is no address of a model", fix="write it as http://host:port/v1#NAME")
    if parts.username or parts.password or parts.query:
        raise UserError(f"the address of {name} holds a key", fix=f"put the key into {ANY_KEY} instead")
    key = around.environ.get(ANY_KEY) or "none"
    model = _chat("server", name, url, key)
    return ClientModel(rest, model, _prices(around, rest, ""), around, cautious=True)


def open_http(rest: str, around: Surroundings) -> ClientModel:
    return open_address(f"http:{rest}", around)


def open_https(rest: str, around: Surroundings) -> ClientModel:
    return open_address(f"https:{rest}", around)


def open_anthropic(rest: str, around: Surroundings) -> ClientModel:
    """`anthropic:NAME`; `ANTHROPIC_BASE_URL` may give another address."""
    library = _library(
        "models", "anthropic", "pydantic_ai.models.anthropic", "pydantic_ai.providers.anthropic"
    )
    url = around.environ.get("ANTHROPIC_BASE_URL") or None
    key = _key(f"anthropic:{rest}", ANTHROPIC_KEYS, around)
    provider = library["AnthropicProvider"](api_key=key, base_url=url)
    with _sense_of(f"anthropic:{rest}"):
        model = library["AnthropicModel"](rest, provider=provider)
    name = f"anthropic:{rest}"
    return ClientModel(name, model, _prices(around, name, "" if url else "anthropic"), around)


def open_google(rest: str, around: Surroundings) -> ClientModel:
    """`google:NAME`: Gemini by key."""
    library = _library("google", "google", "pydantic_ai.models.google", "pydantic_ai.providers.google")
    url = around.environ.get("GEMINI_BASE_URL") or None
    key = _key(f"google:{rest}", GOOGLE_KEYS, around)
    provider = library["GoogleProvider"](api_key=key, base_url=url)
    model = library["GoogleModel"](rest, provider=provider)
    name = f"google:{rest}"
    return ClientModel(name, model, _prices(around, name, "" if url else "google"), around)


def open_vertex(rest: str, around: Surroundings) -> ClientModel:
    """`vertex:NAME`: Google Cloud with the machine's own credentials, project and location."""
    library = _library("google", "vertex", "pydantic_ai.models.google", "pydantic_ai.providers.google_cloud")
    provider = library["GoogleCloudProvider"](
        project=_key(f"vertex:{rest}", VERTEX_PROJECT, around),
        location=around.environ.get("GOOGLE_CLOUD_LOCATION") or None,
    )
    model = library["GoogleModel"](rest, provider=provider)
    name = f"vertex:{rest}"
    return ClientModel(name, model, _prices(around, name, "google"), around)


def open_bedrock(rest: str, around: Surroundings) -> ClientModel:
    """`bedrock:NAME`: Amazon's, with the credentials that its own tools use; their retries are off.

    Amazon's client is no extra of ours: it holds back other libraries.
    """
    try:
        library = _library(
            "models",
            "bedrock",
            "boto3",
            "botocore.config",
            "pydantic_ai.models.bedrock",
            "pydantic_ai.providers.bedrock",
        )
    except MissingExtra as error:
        raise UserError("a model of bedrock needs boto3", fix="pip install 'novum[models]' boto3") from error
    region = _key(f"bedrock:{rest}", AWS_REGION, around)
    retries = {"total_max_attempts": 1, "mode": "standard"}
    once = library["Config"](retries=retries, read_timeout=around.patience)
    client = library["client"]("bedrock-runtime", region_name=region, config=once)
    model = library["BedrockConverseModel"](rest, provider=library["BedrockProvider"](bedrock_client=client))
    name = f"bedrock:{rest}"
    return ClientModel(name, model, _prices(around, name, "aws"), around, retries_off=False)


# --- parts --------------------------------------------------------------------------------------------


def _chat(scheme: str, name: str, url: str, key: str) -> Any:
    """A client of OpenAI's chat protocol, with what the library knows of the provider's own ways."""
    module, provider_class, model_module, model_class = _KNOWN.get(scheme, _COMPATIBLE)
    library = _library(
        "models", scheme, f"pydantic_ai.providers.{module}", f"pydantic_ai.models.{model_module}"
    )
    named = (scheme,) if scheme not in _KNOWN else ()
    given = {"api_key": key} | ({} if scheme in _OWN_ADDRESS else {"base_url": url})
    profile = _WHOLE if scheme == "openai" else _WHOLE | _PLAIN
    with _sense_of(f"{scheme}:{name}"):
        return library[model_class](name, provider=library[provider_class](*named, **given), profile=profile)


_COMPATIBLE = ("openai_compatible", "OpenAICompatibleProvider", "openai", "OpenAIChatModel")
_KNOWN = {
    "openai": ("openai", "OpenAIProvider", "openai", "OpenAIChatModel"),
    "deepseek": ("deepseek", "DeepSeekProvider", "openai", "OpenAIChatModel"),
    "openrouter": ("openrouter", "OpenRouterProvider", "openrouter", "OpenRouterModel"),
    "ollama": ("ollama", "OllamaProvider", "ollama", "OllamaModel"),
    "vllm": ("vllm", "VLLMProvider", "openai", "OpenAIChatModel"),
}
"""Providers of whose ways the library knows: module and class of the provider, of the model."""

_OWN_ADDRESS = ("deepseek", "openrouter")  # which cannot be reached elsewhere
# without a reason to finish an answer is torn, and would pass for a whole one
_WHOLE = {"openai_chat_streaming_requires_finish_reason": True}
# the older word for the longest answer, which servers of this protocol know; some ignore the newer one
_PLAIN = {"openai_chat_supports_max_completion_tokens": False}


@contextmanager
def _sense_of(model: str) -> Iterator[None]:
    """The border to the library where it is given a name: one it makes no sense of is the user's error."""
    from pydantic_ai.exceptions import UserError as TheirError

    try:
        yield
    except TheirError as error:
        raise UserError(f"{model}: {error}", fix="see docs/models.md for how models are named") from error


def _library(extra: str, scheme: str, *modules: str) -> dict[str, Any]:
    """The names of some modules, imported now.

    Raises:
        MissingExtra: one of them, or what it needs, is not installed.
    """
    from importlib import import_module

    try:
        return {name: value for module in modules for name, value in vars(import_module(module)).items()}
    except ImportError as error:
        raise MissingExtra(extra, f"a model of {scheme}:") from error


def _key(model: str, variables: tuple[str, ...], around: Surroundings) -> str:
    found = next((value for name in variables if (value := around.environ.get(name))), "")
    if not found:
        raise UserError(f"{model} needs the environment variable {' or '.join(variables)}", fix="set it")
    return found


def _own_key(address: Address, around: Surroundings) -> str:
    return around.environ.get(OWN_KEYS.get(address.other_url, ANY_KEY)) or "none"


def _prices(around: Surroundings, name: str, listed_as: str, url: str = "") -> PriceList:
    """The user's price, else the table's; a server of models on this very machine costs nothing.

    An address given by hand may be a gateway to anything, wherever it is: its price is not known, and so is
    that of a provider's model behind another address than the provider's own.
    """
    own = around.prices(name)
    if own is None and url and _is_here(url):
        own = FREE
    return PriceList(fixed=own, model=name.partition(":")[2], provider=listed_as)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
