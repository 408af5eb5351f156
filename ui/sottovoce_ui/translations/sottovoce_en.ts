<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Inspector</name>
    <message numerus="yes">
        <source> and %n more selected</source>
        <translation>
            <numerusform> and %n more selected</numerusform>
            <numerusform> and %n more selected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Opening</name>
    <message numerus="yes">
        <source>%n media files are missing; they are black and silent.</source>
        <translation>
            <numerusform>%n media file is missing; it is black and silent.</numerusform>
            <numerusform>%n media files are missing; they are black and silent.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n regions.</source>
        <translation>
            <numerusform>%n region.</numerusform>
            <numerusform>%n regions.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RecoverBox</name>
    <message numerus="yes">
        <source>The last session ended before it was saved. %n changes since {when} can be recovered; the last: {label}.</source>
        <translation>
            <numerusform>The last session ended before it was saved. %n change since {when} can be recovered; the last: {label}.</numerusform>
            <numerusform>The last session ended before it was saved. %n changes since {when} can be recovered; the last: {label}.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RelinkDialog</name>
    <message numerus="yes">
        <source>&amp;Go on without %n</source>
        <translation>
            <numerusform>&amp;Go on without %n</numerusform>
            <numerusform>&amp;Go on without %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of {all} are found.</source>
        <translation>
            <numerusform>%n of {all} is found.</numerusform>
            <numerusform>%n of {all} are found.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{stage}: %n files</source>
        <translation>
            <numerusform>{stage}: %n file</numerusform>
            <numerusform>{stage}: %n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ScriptDialog</name>
    <message numerus="yes">
        <source>%n lines have no region and are left out.</source>
        <translation>
            <numerusform>%n line has no region and is left out.</numerusform>
            <numerusform>%n lines have no region and are left out.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n regions wait for lines.</source>
        <translation>
            <numerusform>%n region waits for its line.</numerusform>
            <numerusform>%n regions wait for lines.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SuggestDialog</name>
    <message numerus="yes">
        <source>%n stretches of speech are not marked yet. Space ticks or unticks what is selected.</source>
        <translation>
            <numerusform>%n stretch of speech is not marked yet. Space ticks or unticks what is selected.</numerusform>
            <numerusform>%n stretches of speech are not marked yet. Space ticks or unticks what is selected.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>… and %n more</source>
        <translation>
            <numerusform>… and %n more</numerusform>
            <numerusform>… and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>A&amp;dd %n regions</source>
        <translation>
            <numerusform>A&amp;dd %n region</numerusform>
            <numerusform>A&amp;dd %n regions</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Suggesting</name>
    <message numerus="yes">
        <source>%n regions are suggested.</source>
        <translation>
            <numerusform>%n region is suggested.</numerusform>
            <numerusform>%n regions are suggested.</numerusform>
        </translation>
    </message>
</context>
</TS>
