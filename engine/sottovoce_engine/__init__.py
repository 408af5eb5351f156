"""The engine of Sottovoce: scenes, plans, takes, renderers and the splice. No Qt, no OpenTimelineIO."""
