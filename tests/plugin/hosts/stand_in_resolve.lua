-- What the launcher uses of DaVinci Resolve's scripting objects, by the README that comes with Resolve.
-- A stand-in: it says what was called, and never was a real Resolve.
--
-- lua stand_in_resolve.lua SCRIPT EXPORTED NAME [KIND]     its current timeline has NAME and exports a copy of EXPORTED
--
-- KIND    old: a Resolve before 18.5    refuses: takes no timeline    silent: takes it and returns none
--         offline: finds one of two media
local script, exported, name, kind_of = ...

local function called(...)
  print("CALLED", ...)
end

local function timeline_called(title)
  return {
    GetName = function() return title end,
    GetUniqueId = function() return "1f0c9a42-aaaa-bbbb-cccc-000000000000" end,
    Export = function(_, path, kind)
      called("Export", path, kind)
      local from, to = io.open(exported, "rb"), io.open(path, "wb")
      if not from or not to then
        return false
      end
      to:write(from:read("*a"))
      to:close()
      return true
    end,
    GetTrackCount = function(_, kind) return kind == "audio" and 1 or 0 end,
    GetItemListInTrack = function()
      return {
        {GetMediaPoolItem = function() return {} end},
        {GetMediaPoolItem = function() return kind_of ~= "offline" and {} or nil end},
      }
    end,
  }
end

local timelines = {timeline_called(name)}
local project = {
  GetCurrentTimeline = function() return name ~= "" and timelines[1] or nil end,
  GetTimelineCount = function() return #timelines end,
  GetTimelineByIndex = function(_, index) return timelines[index] end,
  SetCurrentTimeline = function(_, timeline) called("SetCurrentTimeline", timeline:GetName()) end,
  GetMediaPool = function()
    return {
      ImportTimelineFromFile = function(_, path, options)
        called("Import", path, options.timelineName, options.importSourceClips, options.sourceClipsPath)
        if kind_of == "refuses" then
          return nil
        end
        timelines[#timelines + 1] = timeline_called(options.timelineName)
        return kind_of ~= "silent" and timelines[#timelines] or nil
      end,
    }
  end,
}
resolve = {
  EXPORT_OTIO = kind_of ~= "old" and "otio" or nil,
  GetProjectManager = function() return {GetCurrentProject = function() return project end} end,
}
dofile(script)
