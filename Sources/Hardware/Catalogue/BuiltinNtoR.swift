// Facts of devices: protocols from N to R.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinNtoR {
    static let text = #"""
        protocol nextlevelracing
        serial 115200
        defaults "Next Level Racing HF8 Haptic Gaming Pad" vibrate 255 (Right thigh), vibrate 255 (Left thigh), vibrate 255 (Right buttock), vibrate 255 (Left buttock), vibrate 255 (Right back), vibrate 255 (Left back), vibrate 255 (Right shoulder), vibrate 255 (Left shoulder)

        protocol nexus-revo
        names "XW-LW3"
        service c570 tx=c571
        defaults "Nexus Revo Stealth" vibrate 10, rotate ±2

        protocol nobra
        names "NobraControl*" "Nobra Control*"
        service abf0 tx=abf1
        serial 19200
        defaults "Nobra's Silicone Dreams Toy" vibrate 15

        protocol omobo
        names "S6"
        service ffb0 tx=ffb2
        defaults "Omobo ViVegg Vibrator" vibrate 100

        protocol patoo
        names "PTVEA*" "PBT*" "PCS*" "PHT*"
        service f000aa64-0451-4000-b000-000000000000 tx=f000aa68 txmode=f000aa65
        defaults "Patoo Device" vibrate 100
        model "PTVEA" "Patoo Carrot"
        model "PCS" "Patoo Vibrator"
        model "PHT" "Patoo Bean Sprout"
        model "PBT" "Patoo Devil" vibrate 100, vibrate 100

        protocol picobong
        names "Blow hole" "Picobong Male Toy" "Diver" "Picobong Egg" "Life guard" "Picobong Ring" "Surfer" "Picobong Butt Plug" "Egg driver"
        names "Surfer_plug"
        service fff0 tx=fff1
        defaults "Picobong Device" vibrate 10
        model "Blow hole"|"Picobong Male Toy" "Picobong Blow hole"
        model "Diver"|"Picobong Egg" "Picobong Diver"
        model "Life guard"|"Picobong Ring" "Picobong Life guard"
        model "Surfer"|"Picobong Butt Plug"|"Egg driver"|"Surfer_plug" "Picobong Surfer"

        protocol pink_punch
        names "Pink_Punch" "PinkPunch_Peachu" "PinkPunch_DreamBunny" "PinkPunch_Peacaron"
        service ffe0 tx=ffe1
        defaults "Pink Punch Device" vibrate 100
        model "Pink_Punch" "Pink Punch Sunset Mushroom"
        model "PinkPunch_Peachu" "Pink Punch Peachu"
        model "PinkPunch_DreamBunny" "Pink Punch Dream Bunny"
        model "PinkPunch_Peacaron" "Pink Punch Peacaron"

        protocol prettylove
        names "Aogu BLE *" "AB Shutter3 [Aogu BLE Device]"
        service ffe5 rx=ffe2 tx=ffe9
        defaults "Pretty Love Device" vibrate 3

        protocol realov
        names "REALOV_VIBE"
        service ffe0 tx=ffe1
        defaults "Realov Device" vibrate 50
        """#
}
