// Facts of devices: protocols from G to L.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinGtoL {
    static let text = #"""
        protocol hgod
        names "AMN NEO"
        service ffe3 rx=ffe2 tx=ffe1
        defaults "Hgod Device" vibrate 10

        protocol honeyplaybox
        names "JXT002" "HPB-393-1" "HPB-0520" "HONEY-835" "HPB-399" "HPB-398" "HPB-437" "HPB-296" "HPB-297" "HPB-376-1" "JXT001" "HPB-DDT003"
        names "HPB-391" "HPB-472" "HPB-393" "HBP-JXT001"
        service 180f rxblebattery=2a19
        service ff12 rx=ff02 tx=ff03
        defaults "Honey Play Box Device" vibrate 100, battery?
        model "HPB-0520" "Honey Play Box Pearl 2"
        model "HONEY-835" "Honey Play Box Lili"
        model "HPB-398" "Honey Play Box Pleasure Pivot"
        model "HPB-296" "Honey Play Box Anello"
        model "HBP-JXT001" "Honey Play Box Puff"
        model "JXT002" "Honey Play Box Vibrosa" vibrate 100, vibrate 100, battery?
        model "HPB-393" "Honey Play Box Oly" vibrate 100, vibrate 100, battery?
        model "HPB-393-1" "Honey Play Box Oly 2" vibrate 100, vibrate 100, battery?
        model "HPB-399" "Honey Play Box Cyrus" vibrate 100, oscillate 100, battery?
        model "HPB-437" "Honey Play Box Fortexa" vibrate 100 (Finger-Tapping Motion), vibrate 100, battery?
        model "HPB-297" "Honey Play Box Temp" vibrate 100, vibrate 100 (Finger-Tapping Motion), battery?
        model "HPB-376-1" "Honey Play Box Joi Thrust 2" rotate 100 (Tongue Motion), oscillate 100, battery?
        model "JXT001" "Honey Play Box Vibrosa Mini" vibrate 100, vibrate 100, battery?
        model "HPB-DDT003" "Honey Play Box Tressa" vibrate 100, vibrate 100 (Finger-Tapping Motion), battery?
        model "HPB-391" "Honey Play Box Trilux" vibrate 100, vibrate 100 (Finger-Tapping Motion), battery?
        model "HPB-472" "Honey Play Box Melody" vibrate 100, vibrate 100, battery?

        protocol htk_bm
        names "HTK-BLE-BM001"
        service 1802 tx=2a06
        service 180f rxblebattery=2a19
        defaults "HTK Breast Massager" vibrate 1, vibrate 1

        protocol itoys
        names "26-021-B" "SML-2310-SZ-B" "ASF-001-BT-R"
        service ffa0 tx=ffa1
        defaults "iToys Device" vibrate 3
        model "26-021-B" "iToys Seagull"
        model "SML-2310-SZ-B" "iToys Twinkling Stars" vibrate 3, oscillate 255
        model "ASF-001-BT-R" "Defyeah Horizontal Sex Machine ASFO16" oscillate 255

        protocol jejoue
        names "Je Joue"
        service fff0 tx=fff1
        defaults "Je Joue Device" vibrate 5, vibrate 5

        protocol kgoal-boost
        names "Boost"
        service 180f rxblebattery=2a19
        service 8e7c6065-7656-17ad-1b41-b53d1a548e0d rxpressure=10c2be2d-d2d5-b7a8-5f42-e2468c9ebbf5
        defaults "KGoal Boost" pressure! 2000 (Pressure, normalised), pressure! 2000 (Pressure, raw), battery? (Battery Level)

        protocol kizuna
        serial 19200
        defaults "Kizuna Smart" rotate 9

        protocol lelo-f1s
        names "F1s"
        service fff0 rx=0aa4 tx=fff1
        defaults "Lelo F1s" vibrate 100, vibrate 100

        protocol lelo-f1sv2
        names "F1SV2A" "F1SV2X" "F1SV3" "F2"
        service fff0 generic0=0a11 rx=0a04 tx=fff1 txvibrate=fff2 whitelist=0a10
        defaults "Lelo F1s V2" vibrate 100, vibrate 100
        model "F1SV2A"|"F1SV2X" "Lelo F1s V2"
        model "F1SV3" "Lelo F1s V3"
        model "F2" "Lelo F2S"

        protocol lelo-harmony
        names "IdaWave" "Ida Wave" "TianiHarmony" "Tiani Harmony" "TOR3" "Hugo2" "DoubleSonic" "GIGI3" "LIV3"
        service fff0 command=fff1 tx=fff2 whitelist=0a11
        defaults "Lelo Tiani Harmony" vibrate 100, vibrate 100
        model "IdaWave"|"Ida Wave" "Lelo Ida Wave" vibrate 100, rotate 100
        model "TOR3" "Lelo Tor 3" vibrate 100
        model "Hugo2" "Lelo Hugo 2"
        model "DoubleSonic" "Lelo Enigma Double Sonic" vibrate 100, rotate 100
        model "GIGI3" "Lelo Gigi 3" vibrate 100
        model "LIV3" "Lelo Liv 3" vibrate 100

        protocol leten
        names "T528-LT" "F537-LT" "F520B-LT" "F520A-LT"
        service ffe0 rx=ffe1
        service fff0 tx=fff1
        defaults "Leten Device" vibrate 25

        protocol libo-elle
        names "PiPiJing" "Shuidi"
        service 6000 tx=6001 txmode=6002
        defaults "Libo Elle Device" vibrate 3
        model "PiPiJing" "LiBo Elle"
        model "Shuidi" "Libo Elle 2"

        protocol libo-shark
        names "ShaYu"
        service 6000 tx=6001 txmode=6002
        defaults "Libo Shark" vibrate 3, vibrate 3

        protocol libo-vibes
        names "XiaoLu" "LuXiaoHan" "BaiHu" "Gugudai" "Yuyi" "LuWuShuang" "LiBo" "QingTing" "Huohu" "Yuyi" "Haima"
        service 6000 tx=6001 txmode=6002
        defaults "Libo Vibes Device" vibrate 100
        model "XiaoLu" "Libo Lottie"
        model "LuXiaoHan" "Libo LuLu"
        model "Yuyi" "Libo Lina"
        model "LuWuShuang" "Libo Adel"
        model "LiBo" "Libo Lily"
        model "QingTing" "Libo Lucy"
        model "Huohu" "Libo Lara"
        model "Yuyi" "Libo Feather" vibrate 99
        model "BaiHu" "Libo LaLa" vibrate 100, vibrate 3
        model "Gugudai" "Libo Carlos" vibrate 100, vibrate 3
        model "Haima" "Libo Selina" vibrate 100, vibrate 3

        protocol lioness
        names "Lioness" "Lioness2"
        service d973f2e5-b19e-11e2-9e96-0800200c9a66 rx=d973f2e6
        service d973f2ed-b19e-11e2-9e96-0800200c9a66 tx=d973f2f4
        defaults "Lioness" vibrate 100

        protocol loob
        names "LOOB"
        service b75c49d2-04a3-4071-a0b5-35853eb08307 tx=ba5c49d2
        defaults "Joyroid Loob" move 1000

        protocol lovedistance
        names "REACH G" "REACH" "MAG" "SPAN" "RANGE" "ORBIT" "JOIN G" "LINK" "GRASP" "RECEIVE"
        service ff00 rx=ff02 tx=ff01
        defaults "Love Distance Device" vibrate 121
        model "REACH G" "Love Distance Reach G"
        model "REACH" "Love Distance Reach"
        model "MAG" "Love Distance Mag"
        model "SPAN" "Love Distance Span"
        model "RANGE" "Love Distance Range"
        model "ORBIT" "Love Distance Range"
        model "JOIN G" "Love Distance Join G"
        model "LINK" "Love Distance Link"
        model "GRASP" "Love Distance Grasp"
        model "RECEIVE" "Love Distance Receive"

        protocol lovehoney-desire
        names "PROSTATE VIBE" "KNICKER VIBE" "LOVE EGG"
        service ff00 tx=ff01
        defaults "Lovehoney Device" vibrate 127, vibrate 127
        model "PROSTATE VIBE" "Lovehoney Desire Prostate Vibrator"
        model "KNICKER VIBE" "Lovehoney Desire Knicker Vibrator" vibrate 127
        model "LOVE EGG" "Lovehoney Desire Love Egg" vibrate 127

        protocol lovenuts
        names "Love_Nuts"
        service fff0 tx=fff1
        defaults "Love Nut" vibrate 15

        protocol luvmazer
        names "TKLM-W001-BT" "TKLM-W003-BT-RX" "TKLM-C003-BT" "TKLM-C004-BT" "TKLM-C005-BT"
        service ffa0 tx=ffa1
        defaults "Luvmazer Finger Magic" vibrate 255, rotate 255
        model "TKLM-W001-BT" "Luvmazer Finger Magic"
        model "TKLM-W003-BT-RX" "Luvmazer Cat Paw" vibrate 255, oscillate 255
        model "TKLM-C003-BT" "Luvmazer Cock Ring" vibrate 255, vibrate 255
        model "TKLM-C004-BT" "Luvmazer Interstellar" vibrate 255, oscillate 255, constrict 54
        model "TKLM-C005-BT" "Luvmazer Dildo" vibrate 255, oscillate 255
        """#
}
