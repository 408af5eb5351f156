"""What is asked of joins."""

from collections.abc import Collection
from dataclasses import replace

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.join_wishes import JoinKey, JoinWish, with_wish


def with_join(draft: Draft, wish: JoinWish, instead_of: Collection[JoinKey] = ()) -> Draft:
    """The draft where this is asked of a join; `instead_of` are other keys it went by, which hold no more."""
    return replace(draft, joins=with_wish(draft.joins, wish, instead_of))
