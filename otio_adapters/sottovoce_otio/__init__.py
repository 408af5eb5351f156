"""Between OpenTimelineIO and the engine's values: reading marks, flattening timelines, writing scenes back. No Qt."""
