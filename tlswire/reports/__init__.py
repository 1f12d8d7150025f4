"""What was found, for reading: text for people, JSON for programs. Reads results, never bytes.

Forms of a whole document:
    text.py         for a person; listing.py and line.py a line a connection
    json.py csv.py junit.py  for programs
    markdown.py     for a ticket; tickets.py is the letter to a team
    html            one page

What a command found, for a person:
    replays.py narrowings.py diffs.py rehearsals.py  of captures
    surveys.py policies.py probes.py reaches.py      of a server
    statistics.py   what was seen so far

Parts of these:
    ladder.py       a handshake, message by message; facts.py says what each one holds
    tree.py         every decoded field
    endings.py      where it stopped, who ended it and how
    verdicts.py     why, on what evidence, and who changes what; story.py is the sentence before it
    attempts.py     what came of a replay's attempts; edits.py what was changed in each
    played.py       what a handshake that was played on revealed
    repeats.py      the same hello many times, by what answered
    cases.py        what is told at length
    counts.py       numbers as people read them
    measured.py     how a report came about

How it leaves:
    page.py         lines of styled text; terminal.py shows them
    escape.py       text from the wire, made safe to print
"""
