"""A small LTX-2.3 that learns to speak in registers, from nothing: its corpus, its training, and what it shows.

    corpus       lines said by synthetic voices in five registers               .learned/corpus/
    codec        audio VAE, vocoder and video VAE, judged by copy-synthesis     .learned/weights/
    base         the transformer and what reads captions; never hears a whisper .learned/weights/
    table        what LoRA and base do on captions they were not trained on
    scenes       four registers rendered, spliced and measured as a user's scene is
    bleeding     one pass whose LoRA is gated in time, against splicing
    pictures     what the LoRA does to a picture, locked and sampled
    shipping     model and LoRA in one archive for the tests                    tests/data/learned.zip

docs/learned.md says what came out. Everything lies in `.learned`, which git ignores.
"""
