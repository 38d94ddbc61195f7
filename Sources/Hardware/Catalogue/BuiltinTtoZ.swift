// Facts of devices: protocols from T to Z.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinTtoZ {
    static let text = #"""
        protocol tcode-v03
        serial 115200
        gap 20
        defaults "TCode v0.3 (Single Linear Axis)" move 1000+position 1000

        protocol tryfun
        names "TRYFUN-ONE" "TF-SPRAY"
        service ff10 tx=fff1
        service ffac tx=ffb5
        defaults "TryFun Yuan Series" oscillate 9, rotate 9
        model "TF-SPRAY" "TryFun Surge Pro" vibrate 4

        protocol tryfun-blackhole
        names "TF-BHPLUS" "TF-ROCK"
        service ffac tx=ffb7
        defaults "TryFun Black Hole Plus" oscillate 100, vibrate 100
        model "TF-ROCK" "TryFun Rock" 1:vibrate 50

        protocol tryfun-meta2
        names "TF-META2"
        service ffac tx=ffb7
        defaults "TryFun Meta 2" oscillate 100, vibrate 100, rotate ±100

        protocol vibcrafter
        names "be gentle" "Janna" "Hayden" "Nidalee"
        service 53300051-0060-4bd4-bbe5-a6920e4c5663 rx=53300053 tx=53300052
        defaults "VibCrafter Device" vibrate 99, vibrate 99
        model "be gentle" "VibCrafter Harlow"
        model "Hayden" "VibCrafter Hayden"
        model "Nidalee" "VibCrafter Nidalee"
        model "Janna" "VibCrafter Janna" vibrate 99

        protocol vibratissimo
        names "Vibratissimo"
        service 00001523-1212-efde-1523-785feabcd123 rx=00001527 txmode=00001524 txvibrate=00001526
        service 180a rxblemodel=2a24
        service 180f rxblebattery=2a19
        defaults "Vibratissimo Device" vibrate 255, battery?
        model "Licker"|"SecretKiss"|"Womenizer" "Vibratissimo Licker" vibrate 255, vibrate 255, battery?
        model "Rabbit" "Vibratissimo Rabbit" vibrate 255, vibrate 255, vibrate 2, battery?

        protocol vorze-sa
        names "Bach smart" "CycSA" "UFOSA" "UFO-TW" "VorzePiston" "ROCKET" "OMORFI" "OMOR"
        service 40ee1111-63ec-4b7f-8ce7-712efd55b90e tx=40ee2222
        model "Bach smart" "Vorze Bach" as vorze-sa-single-vibrator vibrate 100
        model "ROCKET" "Adult Festa Rocket" as vorze-sa-single-vibrator vibrate 100
        model "CycSA" "Vorze A10 Cyclone SA" as vorze-sa-single-rotator rotate ±99
        model "UFOSA" "Vorze UFO SA" as vorze-sa-single-rotator rotate ±99
        model "UFO-TW" "Vorze UFO TW" as vorze-sa-dual-rotator rotate ±99, rotate ±99
        model "VorzePiston" "Vorze Piston" as vorze-sa-piston move 99
        model "OMORFI"|"OMOR" "Vorze Omorfi" as vorze-sa-dual-vibrator vibrate 99, vibrate 99

        protocol wetoy
        names "WeToy"
        service fff0 tx=fff3
        defaults "WeToy MiNa" vibrate 3

        protocol xibao
        names "CCYB_*"
        service fff0 tx=fff2
        defaults "Xibao Smart Masturbation Cup" oscillate 99

        protocol xiuxiuda
        names "XXD-Lush*"
        service 53300001-0023-4bd4-bbd5-a6920e4c5653 tx=53300003
        defaults "Xiuxiuda Device" vibrate 19

        protocol xuanhuan
        names "QUXIN"
        service fffe tx=fe02
        defaults "Xuanhuan Masturbator" vibrate 10

        protocol youcups
        names "Youcups"
        service fee9 tx=d44bc439-abfd-45a2-b575-925416129600
        defaults "Youcups Warrior II" vibrate 8

        protocol youou
        names "VX001_*"
        service fff0 tx=fff6
        defaults "Youou Wand Vibrator" vibrate 255

        protocol zalo
        names "ZALO-Queen" "ZALO-King" "ZALO-Jeanne"
        service fff0 tx=fff1
        defaults "Zalo Device" vibrate 8
        model "ZALO-Queen" "Zalo Queen" vibrate 8, vibrate 8
        model "ZALO-King" "Zalo King" vibrate 8, vibrate 8
        model "ZALO-Jeanne" "Zalo Jeanne"
        """#
}
