"""Under what terms the weights stand, as far as it is known. To be read at their source before they are used."""

from sottovoce_engine.renderers.ltx.settings import DEFAULT_LORA

# Source: the model cards of Lightricks/LTX-2.3 and google/gemma-3-12b-it.
_LTX = "LTX-2 Community License of Lightricks (huggingface.co/Lightricks/LTX-2.3/blob/main/LICENSE)"
_GEMMA = "Gemma Terms of Use of Google for the text encoder (ai.google.dev/gemma/terms)"

CHECKPOINT = f"{_LTX}; {_GEMMA}"
SINGLE_FILE = _LTX
TEXT_ENCODER = _GEMMA


def lora_licence(named: str) -> str:
    """What is known of a LoRA's."""
    page = f"at huggingface.co/{DEFAULT_LORA}" if named == DEFAULT_LORA else "where it came from"
    return f"its own, not known here: read it {page}. It was made from LTX-2.3, so that model's terms may hold too"
