"""How large the small model's parts are: the layout of LTX-2.3, some thousands of times smaller.

audio VAE       the smallest the class allows: its first width is also that of the latents' statistics
vocoder         4 steps up instead of 6; the second stage, from 16 to 48 kHz, is there and adds nothing
transformer     the sound's side is the wider one: the picture is one token a frame
"""

from dataclasses import replace

from sottovoce_engine.renderers.ltx.random_weights import TINY

_AUDIO_WIDTH, _VIDEO_WIDTH, _TEXT_WIDTH = 128, 64, 64
TEXT_TOKENS = 128
VOCABULARY = 640

LEARNED = replace(
    TINY,
    transformer={
        **TINY.transformer,
        "num_layers": 5,
        "num_attention_heads": 4,
        "attention_head_dim": _VIDEO_WIDTH // 4,
        "cross_attention_dim": _VIDEO_WIDTH,
        "audio_num_attention_heads": 4,
        "audio_attention_head_dim": _AUDIO_WIDTH // 4,
        "audio_cross_attention_dim": _AUDIO_WIDTH,
        "caption_channels": _TEXT_WIDTH,
    },
    connectors={
        **TINY.connectors,
        "caption_channels": _TEXT_WIDTH,
        "text_proj_in_factor": 3,
        "video_connector_num_attention_heads": 4,
        "video_connector_attention_head_dim": _VIDEO_WIDTH // 4,
        "audio_connector_num_attention_heads": 4,
        "audio_connector_attention_head_dim": _AUDIO_WIDTH // 4,
        "video_hidden_dim": _VIDEO_WIDTH,
        "audio_hidden_dim": _AUDIO_WIDTH,
    },
    # The first block of the encoder is as wide as its latents, whatever is asked for: without layers it is small.
    vae={**TINY.vae, "block_out_channels": (8, 8, 16, 16), "layers_per_block": (0, 1, 1, 1, 1)},
    audio_vae={"ch_mult": (1, 1, 1), "num_res_blocks": 0},
    vocoder={
        "hidden_channels": 256,
        "upsample_kernel_sizes": [11, 8, 8, 4],
        "upsample_factors": [5, 4, 4, 2],
        "resnet_kernel_sizes": [3, 7],
        "resnet_dilations": [[1, 3], [1, 3]],
        "bwe_hidden_channels": 32,
        "bwe_resnet_kernel_sizes": [3],
        "bwe_resnet_dilations": [[1]],
        # Without tables of the second stage's spectra a window of one hop is all it needs.
        "filter_length": 80,
        "window_length": 80,
    },
    gemma={
        **TINY.gemma,
        "vocab_size": VOCABULARY + 8,
        "hidden_size": _TEXT_WIDTH,
        "intermediate_size": 128,
        "head_dim": 32,
    },
)
