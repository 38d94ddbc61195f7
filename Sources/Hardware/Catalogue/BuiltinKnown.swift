// Facts of devices: We-Vibe, Kiiroo, the Handy, Hismith.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinKnown {
    static let text = #"""
        protocol wevibe
        names "Cougar" "4 Plus" "4_Plus" "4plus" "Bloom" "classic" "Classic" "Ditto" "Gala" "Jive" "Nova" "Pivot" "Rave" "Sync" "Verge" "Wish"
        service f000bb03-0451-4000-b000-000000000000 rx=f000b000 tx=f000c000
        defaults "WeVibe Device" vibrate 15
        model "Bloom" "WeVibe Bloom"
        model "Ditto" "WeVibe Ditto"
        model "Jive" "WeVibe Jive"
        model "Pivot" "WeVibe Pivot"
        model "Rave" "WeVibe Rave"
        model "Verge" "WeVibe Verge"
        model "Wish" "WeVibe Wish"
        model "Cougar"|"4 Plus"|"4_Plus"|"4plus"|"classic"|"Classic" "WeVibe 4 Plus" vibrate 15, vibrate 15
        model "Gala" "WeVibe Gala" vibrate 15, vibrate 15
        model "Nova" "WeVibe Nova" vibrate 15, vibrate 15
        model "Sync" "WeVibe Sync" vibrate 15, vibrate 15

        protocol wevibe-8bit
        names "Melt" "Melt 2" "Moxie" "Vector" "Wand" "Wand 2" "Bond" "Nelson" "Nova2" "Nova_2" "Nova 2" "Jive 2"
        service f000bb03-0451-4000-b000-000000000000 rx=f000b000 tx=f000c000
        defaults "WeVibe 8-bit Device" vibrate 12
        model "Melt"|"Melt 2" "WeVibe Melt" vibrate 22
        model "Moxie" "WeVibe Moxie"
        model "Vector" "WeVibe Vector" vibrate 12, vibrate 12
        model "Wand" "WeVibe Wand" vibrate 22
        model "Wand 2" "WeVibe Wand 2" vibrate 22
        model "Bond"|"Nelson" "WeVibe Bond" vibrate 27
        model "Nova2"|"Nova_2"|"Nova 2" "WeVibe Nova 2" vibrate 27, vibrate 27
        model "Jive 2" "WeVibe Jive 2"

        protocol wevibe-chorus
        names "Chorus" "skeena" "Sync 2" "Sync O" "Sync Lite"
        service f000bb03-0451-4000-b000-000000000000 rx=f000b000 tx=f000c000
        defaults "WeVibe Chorus" vibrate 30, vibrate 30
        model "Sync 2" "WeVibe Sync 2"
        model "Sync Lite" "WeVibe Sync Lite" vibrate 30
        model "Sync O" "WeVibe Sync O" vibrate 30

        protocol kiiroo-powershot
        names "PowerShot"
        service 1400 rxblebattery=2a19 tx=1801
        defaults "Kiiroo PowerShot" vibrate 100, vibrate 100, battery?

        protocol kiiroo-prowand
        names "ProWand" "Luxus"
        service 1400 tx=1401
        service 180f rxblebattery=2a19
        defaults "Kiiroo ProWand" vibrate 255, battery?
        model "Luxus" "Luxus"

        protocol kiiroo-spot
        names "SPOT W1"
        service 1400 tx=1401
        service 180f rxblebattery=2a19
        defaults "Kiiroo Spot" vibrate 100, battery?

        protocol kiiroo-v2
        names "Launch" "Onyx2"
        service 88f80580-0000-01e6-aace-0002a5d5c51b firmware=88f80583 rx=88f80582 tx=88f80581
        service f60402a6-0293-4bdb-9f20-6758133f7090 firmware=c7b7a04b-2cc4-40ff-8b10-5d531d1161db rx=d44d0393-0731-43b3-a373-8fc70b1f3323 tx=02962ac9-e86f-4094-989d-231d69995fc2
        defaults "Kiiroo v2 Device" move 99
        model "Launch" "Fleshlight Launch"
        model "Onyx2" "Kiiroo Onyx 2"

        protocol kiiroo-v2-vibrator
        names "Pearl2" "Fuse" "Virtual Blowbot" "Titan" "Virtual Rabbit"
        service 88f82580-0000-01e6-aace-0002a5d5c51b rxaccel=88f82584 rxtouch=88f82582 tx=88f82581
        defaults "Kiiroo V2 Vibrator Device" vibrate 100, vibrate 100, vibrate 100
        model "Pearl2" "Kiiroo Pearl 2" vibrate 100
        model "Fuse" "OhMiBod Fuse" vibrate 100, vibrate 100
        model "Virtual Rabbit" "PornHub Virtual Rabbit" vibrate 100, vibrate 100
        model "Virtual Blowbot" "PornHub Virtual Blowbot"
        model "Titan" "Kiiroo Titan"

        protocol kiiroo-v21
        names "Titan1.1" "Cliona" "Pearl2.1" "Pearl2+" "Pearl 2+" "Pearl3" "Pearl 3" "OhMiBod 4.0" "OhMiBod LUMEN" "OhMiBod NEX2" "OhMiBod NEX3"
        names "OhMiBod ESCA" "OhMiBod Foxy" "OhMiBod Chill Panty Vibe" "OhMiBod Sphinx" "Pulse Interactive" "Fuse1.1"
        service 1900 rx=1903 tx=1902 whitelist=1901
        service a0d70001-4c16-4ba7-977a-d394920e13a3 rx=a0d70003 tx=a0d70002
        model "Pearl2.1" "Kiiroo Pearl 2.1" vibrate 100, battery?
        model "Cliona" "Kiiroo Cliona" vibrate 100
        model "OhMiBod 4.0"|"OhMiBod ESCA" "OhMiBod Esca 2" vibrate 100
        model "Titan1.1" "Kiiroo Titan 1.1" vibrate 100, move 99
        model "OhMiBod LUMEN" "OhMiBod Lumen" vibrate 100
        model "OhMiBod NEX2" "OhMiBod NEX|2" vibrate 100
        model "OhMiBod NEX3" "OhMiBod NEX|3" vibrate 100
        model "Pulse Interactive" "Hot Octopuss Pulse Solo Interactive" vibrate 6
        model "Fuse1.1" "OhMiBod Fuse 1.1" vibrate 100
        model "OhMiBod Foxy" "OhMiBod Foxy" vibrate 100
        model "OhMiBod Chill Panty Vibe" "OhMiBod Chill" vibrate 100
        model "OhMiBod Sphinx" "OhMiBod Sphinx" vibrate 100
        model "Pearl2+"|"Pearl 2+" "Kiiroo Pearl 2+" vibrate 100
        model "Pearl3"|"Pearl 3" "Kiiroo Pearl 3" vibrate 100

        protocol kiiroo-v21-initialized
        names "Rey" "We-Vibe Rocketman" "Realm1.1" "Onyx2.1" "Onyx+" "KEON" "Keon R2"
        service 1900 rx=1903 tx=1902 whitelist=1901
        model "Onyx2.1" "Kiiroo Onyx 2.1" move 99
        model "Onyx+" "Kiiroo Onyx+" move 99
        model "KEON"|"Keon R2" "Kiiroo Keon" move 99
        model "Rey"|"We-Vibe Rocketman"|"Realm1.1" "Kiiroo Onyx+ Realm Edition" move 99

        protocol kiiroo-v3
        names "KEON WIFI" "Keon Wifi"
        service 1900 rx=1903 tx=1800
        model "KEON WIFI"|"Keon Wifi" "Kiiroo Keon" move 99, battery?

        protocol thehandy
        names "The Handy"
        service 1775244d-6b43-439b-877c-060f2d9bed07 firmware=1775ff51 tx=1775ff55
        gap 50
        defaults "The Handy" move 100

        protocol thehandy-v3
        names "OHD_hw0_*" "OHD_hw1_*" "OHD_hw2_*" "OHD_hw3_*" "OHD_hw4_*"
        service 77834d26-40f7-11ee-be56-0242ac120002 rx=77835410 tx=77835032
        gap 50
        defaults "The Handy (FW4+)" move 100
        model "hw4" "The Handy 2 Pro"
        model "hw3" "The Handy 2 Standard"
        model "hw1" "The Oh!" vibrate 100

        protocol hismith
        names "HISMITH" "Wildolo" "\07HISMITH"
        service ff90 rxblemodel=ff96
        service ffe5 tx=ffe9
        defaults "Hismith device" oscillate 100 (Fucking Machine Oscillation Speed)
        model "1001" "Hismith Sex Machine"
        model "1002" "Hismith Pro Traveler"
        model "1003" "Hismith Capsule"
        model "2001" "Hismith Thrusting Cup" oscillate 100 (Stroker Oscillation Speed), vibrate 1
        model "1006" "Hismith G011" oscillate 100 (Stroker Oscillation Speed), vibrate 1
        model "3001" "Wildolo Device" vibrate 100

        protocol hismith-mini
        names "Auxfun-Box" "Sinloli" "Sinloli-Sherry" "Eropair *" "HISMITH S1" "HISMITH S2" "HISMITH S3" "Sinloli Cosima" "Sinloli-Ethel"
        names "Sinloli Aston" "Hismith Piupiu" "PleasureDrive"
        service ff90 rxblemodel=ff96
        service ffe5 tx=ffe9
        defaults "Hismith Mini device" oscillate 100 (Fucking Machine Oscillation Speed)
        model "4001" "Auxfun Sex Machine"
        model "1005"|"1102" "Hismith Sex Machine"
        model "1004" "Hismith Mini Sex Machine"
        model "1101" "Hismith Servo Sex Machine"
        model "1402" "Hismith Ukulele"
        model "1501" "Kiiroo PleasureDrive"
        model "2201" "Sinloli Automatic Sex Doll" constrict 100 (Air Pump), vibrate 100
        model "3101" "Eropair Rabbit Vibrator" vibrate 100 (Internal Vibrator), vibrate 100 (External Vibrator)
        model "3102" "Eropair Thrusting Vibrating Dildo" oscillate 100 (Thruster), vibrate 100
        model "2101" "Eropair Cup" constrict 100 (Air Pump), vibrate 100
        model "2204" "Sinloli Cosima" oscillate 100 (Stroker Oscillation Speed), constrict 100 (Air Pump)
        model "2202" "Sinloli Ethel" oscillate 100 (Stroker Oscillation Speed), vibrate 100
        model "2205" "Sinloli Aston" rotate ±100
        model "4002" "Sinloli Piupiu" spray 1
        """#
}
