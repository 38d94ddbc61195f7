// Facts of devices: Lovense.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinCommon {
    static let text = #"""
        protocol lovense
        names "LVS-*" "LOVE-*"
        makers 026c ff21
        advertises 6e400001-b5a3-f393-e0a9-e50e24dcca9e 50300001-0024-4bd4-bbd5-a6920e4c5653 57300001-0023-4bd4-bbd5-a6920e4c5653
        advertises 5a300001-0024-4bd4-bbd5-a6920e4c5653 50300001-0023-4bd4-bbd5-a6920e4c5653 53300001-0023-4bd4-bbd5-a6920e4c5653
        advertises 5a300001-0023-4bd4-bbd5-a6920e4c5653 4f300001-0023-4bd4-bbd5-a6920e4c5653 42300001-0023-4bd4-bbd5-a6920e4c5653
        advertises 43300001-0023-4bd4-bbd5-a6920e4c5653 4c300001-0023-4bd4-bbd5-a6920e4c5653 4c410001-0023-4bd4-bbd5-a6920e4c5653
        advertises 56300001-0023-4bd4-bbd5-a6920e4c5653 58300001-0023-4bd4-bbd5-a6920e4c5653 52300001-0023-4bd4-bbd5-a6920e4c5653
        advertises 46300001-0023-4bd4-bbd5-a6920e4c5653 50300011-0023-4bd4-bbd5-a6920e4c5653 4a300001-0023-4bd4-bbd5-a6920e4c5653
        advertises 45440001-0023-4bd4-bbd5-a6920e4c5653 45420001-0023-4bd4-bbd5-a6920e4c5653 54300001-0023-4bd4-bbd5-a6920e4c5653
        advertises 45490001-0023-4bd4-bbd5-a6920e4c5653 4e300001-0023-4bd4-bbd5-a6920e4c5653 45410001-0023-4bd4-bbd5-a6920e4c5653
        advertises 51300001-0023-4bd4-bbd5-a6920e4c5653 45460001-0023-4bd4-bbd5-a6920e4c5653 454c0001-0023-4bd4-bbd5-a6920e4c5653
        advertises 55300001-0023-4bd4-bbd5-a6920e4c5653 53440001-0023-4bd4-bbd5-a6920e4c5653 48300001-0023-4bd4-bbd5-a6920e4c5653
        advertises 46530001-0023-4bd4-bbd5-a6920e4c5653 42410001-0023-4bd4-bbd5-a6920e4c5653 43410001-0023-4bd4-bbd5-a6920e4c5653
        advertises 4f430001-0023-4bd4-bbd5-a6920e4c5653 455a0001-0023-4bd4-bbd5-a6920e4c5653 57440001-0023-4bd4-bbd5-a6920e4c5653
        advertises 414e0001-0023-4bd4-bbd5-a6920e4c5653
        service fff0 rx=fff1 tx=fff2
        service 414e0001-0023-4bd4-bbd5-a6920e4c5653 rx=414e0003 tx=414e0002
        service 42300001-0023-4bd4-bbd5-a6920e4c5653 rx=42300003 tx=42300002
        service 42410001-0023-4bd4-bbd5-a6920e4c5653 rx=42410003 tx=42410002
        service 43300001-0023-4bd4-bbd5-a6920e4c5653 rx=43300003 tx=43300002
        service 43410001-0023-4bd4-bbd5-a6920e4c5653 rx=43410003 tx=43410002
        service 45410001-0023-4bd4-bbd5-a6920e4c5653 rx=45410003 tx=45410002
        service 45420001-0023-4bd4-bbd5-a6920e4c5653 rx=45420003 tx=45420002
        service 45440001-0023-4bd4-bbd5-a6920e4c5653 rx=45440003 tx=45440002
        service 45460001-0023-4bd4-bbd5-a6920e4c5653 rx=45460003 tx=45460002
        service 45490001-0023-4bd4-bbd5-a6920e4c5653 rx=45490003 tx=45490002
        service 454c0001-0023-4bd4-bbd5-a6920e4c5653 rx=454c0003 tx=454c0002
        service 455a0001-0023-4bd4-bbd5-a6920e4c5653 rx=455a0003 tx=455a0002
        service 46300001-0023-4bd4-bbd5-a6920e4c5653 rx=46300003 tx=46300002
        service 46530001-0023-4bd4-bbd5-a6920e4c5653 rx=46530003 tx=46530002
        service 48300001-0023-4bd4-bbd5-a6920e4c5653 rx=48300003 tx=48300002
        service 4a300001-0023-4bd4-bbd5-a6920e4c5653 rx=4a300003 tx=4a300002
        service 4c300001-0023-4bd4-bbd5-a6920e4c5653 rx=4c300003 tx=4c300002
        service 4c410001-0023-4bd4-bbd5-a6920e4c5653 rx=4c410003 tx=4c410002
        service 4e300001-0023-4bd4-bbd5-a6920e4c5653 rx=4e300003 tx=4e300002
        service 4f300001-0023-4bd4-bbd5-a6920e4c5653 rx=4f300003 tx=4f300002
        service 4f430001-0023-4bd4-bbd5-a6920e4c5653 rx=4f430003 tx=4f430002
        service 50300001-0023-4bd4-bbd5-a6920e4c5653 rx=50300003 tx=50300002
        service 50300001-0024-4bd4-bbd5-a6920e4c5653 rx=50300003 tx=50300002
        service 50300011-0023-4bd4-bbd5-a6920e4c5653 rx=50300013 tx=50300012
        service 51300001-0023-4bd4-bbd5-a6920e4c5653 rx=51300003 tx=51300002
        service 52300001-0023-4bd4-bbd5-a6920e4c5653 rx=52300003 tx=52300002
        service 53300001-0023-4bd4-bbd5-a6920e4c5653 rx=53300003 tx=53300002
        service 53440001-0023-4bd4-bbd5-a6920e4c5653 rx=53440003 tx=53440002
        service 54300001-0023-4bd4-bbd5-a6920e4c5653 rx=54300003 tx=54300002
        service 55300001-0023-4bd4-bbd5-a6920e4c5653 rx=55300003 tx=55300002
        service 56300001-0023-4bd4-bbd5-a6920e4c5653 rx=56300003 tx=56300002
        service 57300001-0023-4bd4-bbd5-a6920e4c5653 rx=57300003 tx=57300002
        service 57440001-0023-4bd4-bbd5-a6920e4c5653 rx=57440003 tx=57440002
        service 58300001-0023-4bd4-bbd5-a6920e4c5653 rx=58300003 tx=58300002
        service 5a300001-0023-4bd4-bbd5-a6920e4c5653 rx=5a300003 tx=5a300002
        service 5a300001-0024-4bd4-bbd5-a6920e4c5653 rx=5a300003 tx=5a300002
        service 6e400001-b5a3-f393-e0a9-e50e24dcca9e rx=6e400003 tx=6e400002
        defaults "Lovense Device" vibrate 20, battery?
        model "B" "Lovense Max" vibrate 20, constrict 3 (Air Pump), battery?
        model "P" "Lovense Edge" vibrate 20, vibrate 20, battery?
        model "A"|"C" "Lovense Nora" vibrate 20, rotate ±20, battery?
        model "L" "Lovense Ambi"
        model "S" "Lovense Lush"
        model "AN" "Lovense Lush Anal"
        model "Z" "Lovense Hush"
        model "W" "Lovense Domi"
        model "O" "Lovense Osci"
        model "V" "Lovense Mission"
        model "CA" "Lovense Mission 2"
        model "X" "Lovense Ferri"
        model "R" "Lovense Diamo"
        model "ToyS" "Loveai Dolp"
        model "F" "Lovense Sex Machine" oscillate 20 (Fucking Machine Oscillation Speed), battery?
        model "FS" "Lovense Mini Sex Machine" oscillate 20 (Fucking Machine Oscillation Speed), battery?
        model "J" "Lovense Dolce" vibrate 20, vibrate 20, battery?
        model "OC" "Lovense Osci 3" vibrate 20, vibrate 20, battery?
        model "ED" "Lovense Gush"
        model "EZ" "Lovense Gush 2"
        model "EB" "Lovense Hyphy" vibrate 20, vibrate 20, battery?
        model "T" "Lovense Calor"
        model "EI" "Lovense Flexer (Firmware update needed)"
        model "EI-FW3" "Lovense Flexer" vibrate 20 (Internal Vibe), vibrate 20 (External Vibe), rotate 20 (Finger motion), battery?
        model "N" "Lovense Gemini" vibrate 20, vibrate 20, battery?
        model "EA" "Lovense Gravity" vibrate 20, oscillate 20, battery?
        model "Q" "Lovense Tenera"
        model "EL" "Lovense Ridge" vibrate 20, rotate ±20, battery?
        model "U" "Lovense Lapis" vibrate 20 (Tip Vibe), vibrate 20 (Internal Vibe), vibrate 20 (External Vibe), battery?
        model "SD" "Lovense Vulse"
        model "H" "Lovense Solace" oscillate 20 (Stroker Oscillation Speed), battery?
        model "BA" "Lovense Solace Pro" move 100+oscillate 20 (Stroker position Based Movement), battery?
        model "WD" "Lovense Spinel" vibrate 20 (Attachment vibration), oscillate 20 (Thrusting movement), battery?
        """#
}
