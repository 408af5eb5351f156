"""Lines from elsewhere: subtitles, cue sheets, screenplays; each read into timed lines, and those into a scene."""
