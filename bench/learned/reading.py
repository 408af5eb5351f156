"""Captions to what the transformer reads: a tokenizer of their own, a small Gemma that stays as it began, connectors.

Gemma learns nothing, as it learns nothing in LTX-2.3: random, it still gives every word states of its own, and the
connectors learn to read them. So a word that no caption of the base holds, "whispering", is told from others too.
"""

from collections.abc import Sequence
from typing import Any

import torch
import transformers
from bench.learned.sizes import TEXT_TOKENS, VOCABULARY
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor

_SPECIAL = ("<pad>", "<eos>", "<bos>", "<unk>")
_AT_ONCE = 64


def tokenizer_for(captions: Sequence[str]) -> Any:
    """Byte pairs learnt from the captions, in their order."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        captions,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=list(_SPECIAL),
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        ),
    )
    names = dict(zip(("pad_token", "eos_token", "bos_token", "unk_token"), _SPECIAL, strict=True))
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=1024, **names)


@torch.no_grad()
def states_of(captions: Sequence[str], tokenizer: Any, encoder: Any) -> tuple[Tensor, Tensor]:
    """Gemma's states of all layers `[captions, tokens, width * layers]`, and which tokens count, as `encoded` has them."""
    tokenizer.padding_side = "left"
    found, counted = [], []
    for start in range(0, len(captions), _AT_ONCE):
        read = tokenizer(
            list(captions[start : start + _AT_ONCE]),
            padding="max_length",
            max_length=TEXT_TOKENS,
            truncation=True,
            return_tensors="pt",
        ).to(encoder.device)
        states = encoder(
            input_ids=read.input_ids, attention_mask=read.attention_mask, output_hidden_states=True
        ).hidden_states
        found.append(torch.stack(states, dim=-1).flatten(2, 3))
        counted.append(read.attention_mask)
    return torch.cat(found), torch.cat(counted)
