// Facts of devices: protocols from M to R.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinMtoR {
    static let text = #"""
        protocol magic-motion-1
        names "Smart Mini Vibe*" "Flamingo" "Flamingo T" "Smart Bean" "Smart Bean3" "Magic Cell" "Magic Wand" "Fugu" "Fugu2" "Gballs2" "GBalls3"
        names "FM-LILAC-101" "Xone" "CBT002"
        service 180f rxblebattery=2a19
        service 78667579-7b48-43db-b8c5-7928a6b0a335 tx=78667579-a914-49a4-8333-aa3c0cd8fedc
        defaults "Magic Motion V1 Device" vibrate 100, battery?
        model "Smart Bean" "MagicMotion Smart Bean"
        model "Smart Bean3" "FitCute Kegel Rejuve"
        model "Smart Mini Vibe" "MagicMotion Smart Mini Vibe"
        model "Smart Mini Vibe3" "MagicMotion Vini"
        model "Flamingo"|"Flamingo T" "MagicMotion Flamingo"
        model "Magic Bean" "MagicMotion Kegel"
        model "Magic Cell" "MagicMotion Dante/Candy/Rise"
        model "Magic Wand" "MagicMotion Wand"
        model "Magic Fugu"|"Fugu"|"Fugu2" "MagicMotion Fugu"
        model "Gballs2" "G Vibe Gballs 2"
        model "GBalls3" "G Vibe Gballs 3"
        model "FM-LILAC-101" "Femometer Lilac"
        model "Xone" "MagicMotion Xone" oscillate 100, battery?
        model "CBT002" "FunTown Caleo"

        protocol magic-motion-2
        names "Eidolon" "Lipstick" "Sword" "Curve" "Solstice X" "funwand" "CBT001"
        service 180f rxblebattery=2a19
        service 78667579-7b48-43db-b8c5-7928a6b0a335 tx=78667579-a914-49a4-8333-aa3c0cd8fedc
        defaults "Magic Motion V2 Device" vibrate 100, battery?
        model "Lipstick" "MagicMotion Awaken"
        model "Sword" "MagicMotion Equinox"
        model "Curve" "MagicMotion Solstice"
        model "Eidolon" "MagicMotion Eidolon" vibrate 100, vibrate 100, battery?
        model "Solstice X" "MagicMotion Solstice X" vibrate 100, vibrate 100, battery?
        model "funwand" "MagicMotion Zenith"
        model "CBT001" "FunTown Jive" vibrate 100, oscillate 100, battery?

        protocol magic-motion-3
        names "Krush"
        service 180f rxblebattery=2a19
        service 78667579-7b48-43db-b8c5-7928a6b0a335 tx=78667579-a914-49a4-8333-aa3c0cd8fedc
        defaults "LoveLife Krush" vibrate 77, battery?

        protocol magic-motion-4
        names "funone" "Magic Sundi" "Kegel Coach" "Magic Lotos" "nyx" "umi" "funkegel" "bobi2"
        service 180f rxblebattery=2a19
        service 78667579-7b48-43db-b8c5-7928a6b0a335 tx=78667579-a914-49a4-8333-aa3c0cd8fedc
        defaults "Magic Motion V4 Device" vibrate 100, battery?
        model "funone" "MagicMotion Bunny"
        model "Magic Sundi" "MagicMotion Sundae"
        model "Kegel Coach" "MagicMotion Kegel Coach"
        model "Magic Lotos" "MagicMotion Lotos"
        model "nyx" "MagicMotion Nyx"
        model "umi" "MagicMotion Umi" vibrate 100, vibrate 100, battery?
        model "funkegel" "MagicMotion Crystal"
        model "bobi2" "MagicMotion Bobi" vibrate 100, vibrate 100, battery?

        protocol mannuo
        names "Sex toys" "Sex Toys" "LXCDVP" "MANO PRODUCT"
        service fff0 rx=fff4 tx=fff1
        defaults "ManNuo Device" vibrate 3

        protocol maxpro
        names "M2"
        service 6e400001-b5a3-f393-e0a9-e50e24dcca9e tx=6e400002
        defaults "MaxPro 2" vibrate 100

        protocol meese
        names "Meese-V389" "Meese-cd"
        service ffe0 tx=ffe1
        defaults "Meese Device" vibrate 10, vibrate 3
        model "Meese-V389" "Meese Tera"
        model "Meese-cd" "Meese Modo" vibrate 10

        protocol mizzzee
        names "NFY008"
        service eea0 tx=eea1
        defaults "Mizz Zee Device" vibrate 68

        protocol mizzzee-v2
        names "XHT"
        service eea0 tx=ee01
        defaults "Mizz Zee Device" vibrate 68

        protocol mizzzee-v3
        names "XHTKJ"
        service ff10 tx=ff12
        defaults "Mizz Zee Device" vibrate 1000

        protocol monsterpub
        names "MonsterPub" "MonsterHub" "TracyDog"
        service 6000 generic0=600a tx=6001 txmode=6002 txvibrate=6003
        service 6010 rxblemodel=6014
        service 8000 rx=8001
        defaults "Sistalk MonsterPub Device" vibrate 100
        model "MP2_JK_N_P1" "Sistalk MonsterPub 2 Doctor Whale" vibrate 100, vibrate 100
        model "MP_MW_TL_P2" "Sistalk MonsterPub Magic Kiss" vibrate 100, vibrate 100
        model "MP2_QC_TL_P1" "Sistalk MonsterPub 2 Mister Devil" vibrate 100, vibrate 100
        model "MP_BABY_QC_N_P4" "Sistalk MonsterPub Baby Youth Health" vibrate 100, vibrate 100
        model "MP_MXY_N_P1" "Sistalk MonsterPub KiniCat"
        model "MP1N_QC_TL_P2" "Sistalk MonsterPub BeatHeart"
        model "TDG_LIP_PT2" "Tracy's Dog Surreal"
        model "MP1P_QC_TL_P6" "Sistalk MonsterPub 1P Mister Devil"
        model "MPMB_QC_TL_P2" "Sistalk MonsterPub Sweet"
        model "MPAV_QC_TL_P1" "Sistalk MonsterPub Amazing"
        model "MH_TOR_TL_P5" "Sistalk MonsterHub Tornado"
        model "MP_SUCKBANG_P5" "Sistalk MonsterPub Pop" oscillate 100, vibrate 100
        model "TDG_CRAYBIT_PT" "Tracy's Dog Craybit Pro" vibrate 100, vibrate 100, vibrate 100

        protocol motorbunny
        names "MB Controller" "MB LINK 201"
        service fff0 tx=fff6
        defaults "Motorbunny Device" vibrate 255, rotate ±255
        model "MB Controller" "Motorbunny Classic"
        model "MB LINK 201" "Motorbunny Buck"

        protocol mymuselinkplus
        names "MM Massager"
        service fff0 tx=fff1
        defaults "MyMuse Link Plus" vibrate 3

        protocol mysteryvibe
        names "MV Crescendo" "MV Tenuto   " "MV Poco     "
        service f0006900-110c-478b-b74b-6f403b364a9c txmode=f0006901 txvibrate=f0006903
        defaults "Mysteryvibe Device" vibrate 56, vibrate 56, vibrate 56, vibrate 56, vibrate 56, vibrate 56
        model "MV Crescendo" "MysteryVibe Crescendo"
        model "MV Tenuto   " "MysteryVibe Tenuto"
        model "MV Poco     " "MysteryVibe Poco" vibrate 56, vibrate 56

        protocol mysteryvibe-v2
        names "6907 MV1" "6908 MV1" "6909 MV1" "6909 MV2" "6914 MV1" "6915 MV1"
        service f0006900-110c-478b-b74b-6f403b364a9c txmode=f0006901 txvibrate=f0006903
        defaults "Mysteryvibe V2 Device" vibrate 56, vibrate 56, vibrate 56
        model "6907 MV1" "MysteryVibe Tenuto Mini"
        model "6908 MV1" "MysteryVibe Crescendo 2" vibrate 56, vibrate 56, vibrate 56, vibrate 56, vibrate 56, vibrate 56
        model "6909 MV1"|"6909 MV2" "MysteryVibe Tenuto 2" vibrate 56, vibrate 56, vibrate 56, vibrate 56
        model "6914 MV1" "MysteryVibe Legato" vibrate 56, vibrate 56, vibrate 56, vibrate 56
        model "6915 MV1" "MysteryVibe Molto" vibrate 56

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
