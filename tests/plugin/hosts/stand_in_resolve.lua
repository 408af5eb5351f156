-- What the launcher uses of DaVinci Resolve's scripting objects, by the README that comes with Resolve.
-- A stand-in: it says what was called, and never was a real Resolve.
--
-- lua stand_in_resolve.lua SCRIPT EXPORTED NAME [OLD]     exports a copy of EXPORTED; OLD: a Resolve before 18.5
local script, exported, name, age = ...

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
        return age ~= "refuses" and timeline_called(options.timelineName) or nil
      end,
    }
  end,
}
resolve = {
  EXPORT_OTIO = age ~= "old" and "otio" or nil,
  GetProjectManager = function() return {GetCurrentProject = function() return project end} end,
}
dofile(script)
