// Facts of devices: protocols from A to F.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinAtoF {
    static let text = #"""
        protocol activejoy
        names "SS-TD-YDTD-001"
        service f0b0 rx=f0b2 tx=f0b1
        defaults "IntoYou Remote Egg Vibrator" vibrate 255

        protocol adrienlastic
        names "Placeholder to avoid conflict with bad attempt to clone a Lovense Lush"
        advertises 1320
        service 6e400001-b5a3-f393-e0a9-e50e24dcca9e tx=6e400002
        defaults "Adrien Lastic Device" vibrate 16
        model "LVS-S001" "Adrien Lastic Palpitation"
        model "LVS-S002" "Adrien Lastic Revelation"

        protocol amorelie-joy
        names "4D01" "4D02" "4D03" "4D04" "4D05" "4D06" "4D07" "4D08" "4D09"
        service ffe0 rx=ffe2 tx=ffe3
        defaults "Amorelie Joy Device" vibrate 100
        model "4D02" "Amorelie Joy Move"
        model "4D05" "Amorelie Joy Cha-Cha"
        model "4D06" "Amorelie Joy Boogie"
        model "4D01" "Amorelie Joy Shimmer"
        model "4D03" "Amorelie Joy Grow"
        model "4D04" "Amorelie Joy Shuffle"
        model "4D07" "Amorelie Joy Salsa"

        protocol aneros
        names "Massage Demo"
        service ff00 tx=ff01
        defaults "Aneros Vivi" vibrate 127 (Perineum Vibrator), vibrate 127 (Internal Vibrator)

        protocol ankni
        names "DSJM"
        service 180a generic0=2a50
        service fe00 tx=fe01
        service fffe tx=fe02
        defaults "Roselex Device" vibrate 3

        protocol bananasome
        names "火箭X7"
        service ae00 tx=ae01
        defaults "Bananasome Rocket X7" oscillate 255, vibrate 255, vibrate 255

        protocol cachito
        names "CCTSK" "CCTXueGao"
        service fff0 tx=fff2
        defaults "Cachito Device" vibrate 5, vibrate 100
        model "CCTSK" "Cachito Lure Tao"
        model "CCTXueGao" "Cachito Ice Cream"

        protocol cowgirl
        names "THE COWGIRL" "THE UNICORN"
        service fe00 tx=fe01
        defaults "The Cowgirl Device" vibrate 255, rotate 255
        model "THE COWGIRL" "The Cowgirl"
        model "THE UNICORN" "The Unicorn"

        protocol cowgirl-cone
        names "CG-CONE"
        service ffe0 tx=ffe1
        defaults "The Cowgirl Cone" vibrate 128
        model "CG-CONE" "The Cowgirl Cone"

        protocol cupido
        names "MY2607-BLE-V1.0"
        service f0b0 rx=f0b2 tx=f0b1
        defaults "Cupido Device" vibrate 255

        protocol deepsire
        names "IMP 3"
        service ffe0 tx=ffe1
        defaults "DeepSire Device" vibrate 255
        model "IMP 3" "Kuirkish Imp 3"

        protocol feelingso
        names "Flair Feel"
        service 42410001-0000-0101-0000-736278637a72 rx=42410003 tx=42410002
        defaults "FeelingSo Flair Feel" vibrate 19, oscillate 19

        protocol fleshy-thrust
        names "BT05"
        service ffe0 tx=ffe1
        defaults "Fleshy Thrust Sync" move 180

        protocol fluffer
        names "fake_name_as_we_must_match_fluffer_manufacturer_data"
        makers 684a
        service 53300031-0060-4bd4-bbe5-a6920e4c5663 rx=53300033 tx=53300032
        defaults "Fluffer Device" vibrate 100
        model "FDGTHING" "Fluffer G-Thing"
        model "FDG2G" "Fluffer G2G"
        model "FDPR" "Fluffer Rock Hard Power Ring"
        model "MBO"|"MB Controller" "MotorBunny Classic (Fluffer version)" vibrate 100, rotate ±100
        model "MBB"|"MB Link 201" "MotorBunny Buck (Fluffer version)" vibrate 100, oscillate 100

        protocol foreo
        names "FOFO" "LUNA fofo" "LUNA FOFO" "LUNA PLAY SMART" "LUNA PLAYSMART2" "LUNA PLAY SMART2" "LUNA play smart2" "LUNA play smart 2"
        names "LUNA 3" "LUNA3" "LUNA3PLUS" "LUNA3 PLUS" "LUNA 3 PLUS" "LUNA 3 plus" "LUNA 3 MEN" "LUNA3MEN" "LUNA MINI3" "LUNA MINI 3"
        names "LUNA mini 3" "LUNA4PLUS" "LUNA4" "LUNA 4" "LUNA4PLUS" "LUNA4 PLUS" "LUNA 4 plus" "LUNA4MEN" "LUNA 4 MEN" "LUNA 4 FOR MEN"
        names "LUNA MINI4" "LUNA MINI 4" "LUNA mini 4" "LUNA 4 mini" "UFO" "UFO mini" "UFO MINI" "UFO MIN" "UFO2" "UFO 2" "UFOMINI2" "UFO mini 2"
        names "UFO3" "UFO3mini" "UFO3go" "UFO3led" "BEAR" "BEAR_MINI" "BEAR MINI" "BEAR mini" "BEAR2" "BEAR 2" "BEAR2go" "BEAR2body" "BEAR2eyes"
        names "KIWI" "KIWI derma"
        service fff0 tx=fff1
        defaults "Foreo Device" vibrate 10
        model "FOFO"|"LUNA fofo"|"LUNA FOFO"|"LUNA PLAY SMART" "Foreo LUNA fofo"
        model "LUNA PLAYSMART2"|"LUNA PLAY SMART2"|"LUNA play smart2"|"LUNA play smart 2" "Foreo LUNA play smart 2"
        model "LUNA 3"|"LUNA3" "Foreo LUNA 3"
        model "LUNA3PLUS"|"LUNA3 PLUS"|"LUNA 3 PLUS"|"LUNA 3 plus" "Foreo LUNA 3 plus"
        model "LUNA 3 MEN"|"LUNA3MEN" "Foreo LUNA 3 men"
        model "LUNA MINI3"|"LUNA MINI 3"|"LUNA mini 3" "Foreo LUNA 3 mini"
        model "LUNA4"|"LUNA 4" "Foreo LUNA 4"
        model "LUNA4PLUS"|"LUNA4 PLUS"|"LUNA 4 plus" "Foreo LUNA 4 plus"
        model "LUNA4MEN"|"LUNA 4 MEN"|"LUNA 4 FOR MEN" "Foreo LUNA 4 men"
        model "LUNA MINI4"|"LUNA MINI 4"|"LUNA mini 4"|"LUNA 4 mini" "Foreo LUNA 4 mini"
        model "UFO" "Foreo UFO"
        model "UFO mini"|"UFO MINI"|"UFO MIN" "Foreo UFO mini"
        model "UFO2"|"UFO 2" "Foreo UFO 2"
        model "UFO3" "Foreo UFO 3"
        model "UFO3go" "Foreo UFO 3 go"
        model "UFO3eyes" "Foreo UFO 3 led"
        model "UFO3mini" "Foreo UFO 3 mini"
        model "UFOMINI2"|"UFO mini 2" "Foreo UFO mini 2"
        model "BEAR" "Foreo BEAR"
        model "BEAR_MINI"|"BEAR MINI"|"BEAR mini" "Foreo BEAR mini"
        model "BEAR2"|"BEAR 2" "Foreo BEAR 2"
        model "BEAR2go" "Foreo BEAR 2 go"
        model "BEAR2eyes" "Foreo BEAR 2 eyes"
        model "BEAR2body" "Foreo BEAR 2 body"
        model "KIWI" "Foreo KIWI"
        model "KIWI derma" "Foreo KIWI derma"

        protocol fox
        names "FOX" "FOX M70 Pro" "FoxM70Pro" "FOX M70-2"
        service ae00 tx=ae01
        defaults "Fox Device" vibrate 3

        protocol fredorch
        names "YXlinksSPP"
        service ffb0 rx=ffb2 tx=ffb1
        defaults "Fredorch Device" move 15

        protocol fredorch-rotary
        names "M1_*"
        service ae10 rx=ae02 tx=ae01
        defaults "Fredorch Rotary Device" oscillate 20 (Fucking Machine Oscillation Speed)
        """#
}
