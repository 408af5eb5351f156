from dataclasses import replace

import pytest

from sottovoce_engine.registers import Manner, Register
from sottovoce_engine.renderers.scratch.delivery import DELIVERIES, delivery_for

from .scratch_jobs import REGISTERS


def own(*, order: int, lora: float, loudness_lufs: float, woman: str = "", man: str = "") -> Register:
    return replace(
        REGISTERS.get("normal"),
        name="my-own",
        letter="O",
        order=order,
        lora=lora,
        loudness_lufs=loudness_lufs,
        manner=Manner(woman=woman, man=man),
    )


def test_every_shipped_register_has_its_own_delivery() -> None:
    assert [delivery_for(register).register for register in REGISTERS.registers] == list(REGISTERS.names)


def test_the_table_agrees_with_the_registers_it_stands_for() -> None:
    for delivery in DELIVERIES:
        register = REGISTERS.get(delivery.register)
        assert delivery.order == register.order
        assert delivery.mix_lufs == register.loudness_lufs
        assert delivery.lora == (register.lora > 0)


@pytest.mark.parametrize(
    ("register", "nearest"),
    [
        (own(order=1, lora=1.0, loudness_lufs=-35.5, woman="breathing the words"), "whisper"),
        (own(order=2, lora=0.8, loudness_lufs=-30.5, woman="murmuring"), "soft"),
        (own(order=3, lora=1.0, loudness_lufs=-20.0), "quieter"),
        (own(order=4, lora=0.0, loudness_lufs=-26.5, woman="explaining"), "normal"),
        (own(order=1, lora=0.0, loudness_lufs=-33.0), "normal"),
        (own(order=6, lora=0.0, loudness_lufs=-22.5, woman="calling out"), "shout"),
        (own(order=9, lora=0.0, loudness_lufs=-18.0), "scream"),
        (own(order=5, lora=0.0, loudness_lufs=-20.0, woman="stage-whispering"), "whisper"),
    ],
)
def test_a_register_of_ones_own_is_delivered_like_the_nearest(register: Register, nearest: str) -> None:
    assert delivery_for(register).register == nearest
