-- Hands the current timeline of DaVinci Resolve (18.5 or newer) to Sottovoce and brings the result back as a new
-- timeline. The timeline itself is only read. For Lua 5.1, as Resolve has it.

local PYTHON, EXCHANGE, ACTION = "@PYTHON@", "@EXCHANGE@", "@ACTION@"  -- filled in when it is installed
local SEPARATOR = package.config:sub(1, 1)
local ON_WINDOWS = SEPARATOR == "\\"
-- Of Resolve's own Python and libraries, which are not Sottovoce's.
local FOREIGN = {"PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV"}

local function fail(message)
  error("Sottovoce: " .. message, 0)
end

local function quoted(word)
  if ON_WINDOWS then
    return '"' .. word .. '"'
  end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- A command of Sottovoce as one line for the shell, both its outputs in one.
local function command_line(...)
  local words = {quoted(PYTHON), "-m", "sottovoce"}
  for _, word in ipairs({...}) do
    words[#words + 1] = quoted(word)
  end
  local line = table.concat(words, " ") .. " 2>&1"
  local forgotten = {}
  for _, name in ipairs(FOREIGN) do
    forgotten[#forgotten + 1] = ON_WINDOWS and ('set "' .. name .. '=" & ') or ("-u " .. name .. " ")
  end
  return (ON_WINDOWS and "" or "env ") .. table.concat(forgotten) .. line
end

-- Runs a command to its end, shows what it says where `shown`, and gives it back.
local function said_by(shown, ...)
  local pipe = io.popen(command_line(...))
  if not pipe then
    fail("'" .. PYTHON .. "' does not start. Install the launcher again: sottovoce host install resolve")
  end
  local lines = {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
    if shown then
      print(line)
    end
  end
  pipe:close()
  return table.concat(lines, "\n")
end

local function is_file(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

-- One file for each timeline, also where two have the same name: the takes are kept beside it.
local function exchange_path(timeline)
  local name = timeline:GetName():gsub("[^%w _-]", "_")
  return EXCHANGE .. SEPARATOR .. name .. " " .. timeline:GetUniqueId():sub(1, 8) .. ".otio"
end

local function hand_over(app, timeline, path)
  if app.EXPORT_OTIO == nil then
    fail("this Resolve writes no OpenTimelineIO. Update it to 18.5 or newer.")
  end
  if not timeline:Export(path, app.EXPORT_OTIO) then
    fail("Resolve could not write '" .. path .. "'. Make that folder, and let Resolve write there.")
  end
end

local function timeline_named(project, name)
  for index = 1, project:GetTimelineCount() do
    local timeline = project:GetTimelineByIndex(index)
    if timeline:GetName() == name then
      return timeline
    end
  end
end

local function free_name(project, wanted)
  local name, number = wanted, 2
  while timeline_named(project, name) do
    name, number = wanted .. " " .. number, number + 1
  end
  return name
end

local function offline_clips(timeline)
  local count = 0
  for _, kind in ipairs({"video", "audio"}) do
    for track = 1, timeline:GetTrackCount(kind) do
      for _, item in ipairs(timeline:GetItemListInTrack(kind, track) or {}) do
        count = count + (item:GetMediaPoolItem() and 0 or 1)
      end
    end
  end
  return count
end

local function bring_back(project, result)
  local folder, stem = result:match("^(.*)[/\\](.-)%.otio$")
  local name = free_name(project, stem)
  local made = project:GetMediaPool():ImportTimelineFromFile(result, {
    timelineName = name,
    importSourceClips = true,
    sourceClipsPath = folder,
  }) or timeline_named(project, name)  -- it may make one and yet return none
  if not made then
    fail("Resolve did not take '" .. result .. "'. Save the project, or import it by hand: File > Import > Timeline.")
  end
  project:SetCurrentTimeline(made)
  print("Sottovoce: '" .. made:GetName() .. "' is the result.")
  local offline = offline_clips(made)
  if offline > 0 then
    print("Sottovoce: " .. offline .. " of its clips are offline. Delete it and import '" .. result
      .. "' by hand, which finds them: File > Import > Timeline.")
  end
end

local function main()
  local app = resolve or Resolve()
  local project = app:GetProjectManager():GetCurrentProject()
  local timeline = project and project:GetCurrentTimeline()
  if not timeline then
    fail("open a timeline first.")
  end
  local path = exchange_path(timeline)
  if ACTION ~= "bring_back" then
    hand_over(app, timeline, path)
  end
  if ACTION == "open" then
    said_by(true, "panel", path)
  elseif ACTION == "render" then
    said_by(true, "render", path, "-o", (path:gsub("%.otio$", " rendered")))
  end
  local result = said_by(false, "host", "result", path)
  if not is_file(result) then
    fail(result)
  end
  bring_back(project, result)
end

local done, message = pcall(main)
if not done then
  print(message)
end
