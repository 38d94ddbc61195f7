// Facts of devices: protocols with S.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinS {
    static let text = #"""
        protocol sakuraneko
        names "sakuraneko-01" "sakuraneko-02" "sakuraneko-03" "sakuraneko-04"
        service ffe0 tx=ffe1
        defaults "Sakuraneko Device" vibrate 100
        model "sakuraneko-01" "Sakuraneko Korokoro"
        model "sakuraneko-02" "Sakuraneko Nukunuku"
        model "sakuraneko-03" "Sakuraneko Dokidoki"
        model "sakuraneko-04" "Sakuraneko Koikoi" vibrate 100, rotate 100

        protocol sensee
        names "CTY222S4"
        service fff0 tx=fff5
        defaults "Sensee Diandou Rabbit" vibrate 100

        protocol sensee-v2
        names "CCPA10S2" "CCPA18S5" "Easylive NO8 Cup" "CTY508S5" "CTY916S4" "PTYB22S2" "CCP322S5" "CTY823S5" "qingnan#16" "CCPB22S5" "CCP324S2"
        service fff0 rx=fff4 tx=fff5
        defaults "Sensee Device" vibrate 100, constrict 100
        model "CCPA10S2" "Sensee Capsule"
        model "CCPA18S5" "Sensee Astronaut"
        model "Easylive NO8 Cup" "Sensee No8" vibrate 100, oscillate 100
        model "CCP322S5" "Easylive Vader" vibrate 100, oscillate 100
        model "CTY508S5" "Sensee Voice-Interactive Female Vibrator" vibrate 100, oscillate 100
        model "PTYB22S2" "Sensee Moonlight"
        model "CTY823S5" "Sensee Little Seahorse"
        model "CTY916S4" "Sensee Dream Stick" oscillate 100, vibrate 100
        model "qingnan#16" "Qingnan #16" constrict 100
        model "CCPB22S5" "Sensee Markel" vibrate 100, oscillate 100, constrict 100
        model "CCP324S2" "Easylive Gamer" vibrate 100, oscillate 100

        protocol serveu
        names "ServeU"
        service 31bb1111-33e3-4f3c-a7fb-104288e7cb77 tx=31bb2222
        defaults "ServeU" move 100

        protocol sexverse-lg389
        names "LG389"
        service bae0 rx=bae2 tx=bae1
        defaults "Sexverse LG389" vibrate 3, oscillate 10

        protocol sexverse-v1
        names "Rex" "Cali" "LY165A01" "Olis" "LY213A01" "LY199B01" "LY234A01" "LY271A01" "LY270A01"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Sexverse Device" vibrate 255
        model "Rex" "Sexverse Rex"
        model "Cali"|"LY165A01" "Sexverse Cali" vibrate 255, constrict 255
        model "Olis" "Sexverse Olis" vibrate 255, vibrate 255, rotate 255
        model "LY213A01" "Sexverse BuCUE" oscillate 255, vibrate 255
        model "LY199B01" "Cooxer Bullet Vibe"
        model "LY234A01" "Sexverse Tadpole"
        model "LY271A01" "Sexverse Upton"
        model "LY270A01" "Sexverse Una"

        protocol sexverse-v2
        names "LY272A01" "LB-W01" "HH010" "NBQ-B619RX"
        service bae0 tx=bae1
        defaults "Sexverse Nolan" vibrate 20, oscillate 20
        model "LB-W01" "Libo Miao" vibrate 20
        model "HH010" "Sexverse HH010" oscillate 20, vibrate 20
        model "NBQ-B619RX" "Duopeak Saphette" oscillate 20 (Wearer Vibrator), vibrate 20 (Receiver Vibrator), vibrate 20 (Wearer Clitoral Vibrators)

        protocol sexverse-v3
        names "TAY001" "TAY006" "TAY009" "TA-S001A"
        service fff0 tx=fe02
        defaults "Sexverse Tay" vibrate 20
        model "TAY001" "Sexverse Tay 1"
        model "TAY009" "Sexverse Tay 9"
        model "TAY006" "Sexverse Tay 6"
        model "TA-S001A" "Sexverse Zeus" vibrate 20, oscillate 20

        protocol sexverse-v4
        names "CFG1 vibrator" "HJ2024N01" "BC1847" "BC1816"
        service bca2 tx=bc21
        service cfa2 tx=cf21
        service dba2 tx=db21
        defaults "Sexverse G1 Vibrator" vibrate 99
        model "HJ2024N01" "VVD Vkini"
        model "BC1847" "Sexverse Black Knight"
        model "BC1847" "Sexverse Dark Knight"

        protocol sexverse-v5
        names "CBW02" "CB-WXW03"
        service ffcb tx=cb02
        defaults "Sexverse Heart" vibrate 100

        protocol svakom-alex
        names "Alex NEO" "S63E Alex NEO"
        service ffe0 tx=ffe1
        defaults "Svakom Alex Neo" vibrate 3

        protocol svakom-alex-v2
        names "Alex NEO 2" "S63E Alex NEO 2"
        service ffe0 tx=ffe1
        defaults "Svakom Alex Neo 2" vibrate 3

        protocol svakom-avaneo
        names "Ava Neo"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Ava Neo" vibrate 10, oscillate 1

        protocol svakom-barnard
        names "DG239A"
        service ffe0 tx=ffe1
        defaults "Fantasy Cup Barnard" vibrate 3, oscillate 3

        protocol svakom-barney
        names "DJ333A"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Mutufun Barney" vibrate 10, vibrate 10

        protocol svakom-dice
        names "ZhiAi"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Zemalia Dice for Love" vibrate 255

        protocol svakom-dt250a
        names "DT250A"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Coleur Dor DT250A" vibrate 3, vibrate 3, constrict 2

        protocol svakom-iker
        names "Iker"
        makers 0027 535641010b1201334455ca08
        service ffe0 tx=ffe1
        defaults "Svakom Iker" vibrate 10, vibrate 5

        protocol svakom-jordan
        names "Jordan"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Jordan" vibrate 10, oscillate 5

        protocol svakom-pulse
        names "SWK-SX013A" "Pulse Union" "Pulse Galaxie" "SX033APP" "SX033A" "BX288A" "QH-SX045A-B" "SWK-SX067-B" "QH-HX029A-B"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Pulse Device" vibrate 9
        model "SWK-SX013A" "Svakom Pulse Lite Neo"
        model "Pulse Union" "Svakom Pulse Union"
        model "Pulse Galaxie" "Svakom Pulse Galaxie"
        model "SX033APP"|"SX033A" "Svakom Mimiki"
        model "BX288A" "BeYourLover Kyukyu"
        model "QH-SX045A-B" "Coleur Dor VX045A"
        model "SWK-SX067-B" "Momonii Agatha"
        model "QH-HX029A-B" "Coleur Dor HX029A"

        protocol svakom-sam
        names "Sam Neo"
        service ae00 rx=ae02 tx=ae01 txmode=ae10
        service ffac firmware=ffb4
        defaults "Svakom Sam Neo" vibrate 10, constrict 1

        protocol svakom-sam2
        names "Sam Neo 2" "Sam Neo 2 Pro"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Sam Neo 2" vibrate 10, constrict 5
        model "Sam Neo 2" "Svakom Sam Neo 2"
        model "Sam Neo 2 Pro" "Svakom Sam Neo 2 Pro"

        protocol svakom-suitcase
        names "VX357A-BLE-V1.0" "VX236A-BLE-V1.0"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Magic Suitcase" vibrate 30, vibrate 1
        model "VX236A-BLE-V1.0" "Coleur Dor VX236A"

        protocol svakom-tarax
        names "SX218A"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "ToyCod Tara X" vibrate 3 (Internal vibrator), vibrate 3 (External pulsator)

        protocol svakom-v1
        names "Aogu SUV" "Aogu SCB" "Emma NEO" "Phoenix NEO"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Device" vibrate 19
        model "Aogu SCB" "Svakom Ella"
        model "Phoenix NEO" "Svakom Phoenix Neo"
        model "Emma NEO" "Svakom Emma Neo"

        protocol svakom-v2
        names "116" "117" "Edeny" "118" "Viviana" "Ella NEO" "S38A" "Vick NEO" "Vick Neo" "STG05A" "QH-SJ007A" "Cici 2" "Emma Neo 2"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Device v2" vibrate 10
        model "116" "Svakom Phoenix Neo"
        model "Viviana" "Svakom Viviana"
        model "Ella NEO" "Svakom Ella Neo"
        model "117"|"Edeny" "Svakom Edeny"
        model "S38A" "Svakom Tammy Pro"
        model "Vick NEO"|"Vick Neo" "Svakom Vick Neo"
        model "STG05A" "Svakom Aravinda"
        model "118" "ToyCod Vanesia"
        model "QH-SJ007A" "Svakom Winni 2"
        model "Cici 2" "Svakom Cici 2"
        model "Emma Neo 2" "Svakom Emma Neo 2"

        protocol svakom-v3
        names "Phoenix Neo 2" "FK008A" "Hannes NEO" "QH-SX007E"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Device v3" vibrate 10
        model "Phoenix Neo 2" "Svakom Phoenix Neo 2"
        model "FK008A" "Fantasy Cup Theodore" vibrate 10, rotate 1
        model "Hannes NEO" "Svakom Hannes Neo"
        model "QH-SX007E" "Svakom Alberta" vibrate 10 (Vibrating attachments), vibrate 1 (Suction lens)

        protocol svakom-v4
        names "B2CM6" "ERICA" "Cici+ 2" "VV468A"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Device v4" vibrate 10, vibrate 10
        model "B2CM6" "ToyCod Barzillai"
        model "ERICA" "Svakom Erica"
        model "Cici+ 2" "Svakom Cici+ 2"
        model "VV468A" "ToyCod Clara" vibrate 10

        protocol svakom-v5
        names "Chika" "Mora Neo" "Trysta Neo" "Mini Emma Neo"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Device v5" vibrate 10, vibrate 10
        model "Chika" "Svakom Chika"
        model "Mora Neo" "Svakom Mora Neo" vibrate 10, vibrate 10, oscillate 3
        model "Trysta Neo" "Svakom Trysta Neo" vibrate 10, vibrate 10, oscillate 3
        model "Mini Emma Neo" "Svakom Mini Emma Neo" vibrate 10

        protocol svakom-v6
        names "CocoPro" "Echo 2" "Vick Neo 2" "Iker Neo" "VA617A-3" "VA617A-4"
        service ffe0 rx=ffe2 tx=ffe1
        defaults "Svakom Device v6" vibrate 10
        model "CocoPro" "Svakom Coco Pro"
        model "Echo 2" "Svakom Echo 2"
        model "VA617A-3" "BeYourLover Naughty Clock Vibrator"
        model "Vick Neo 2" "Svakom Vick Neo 2" vibrate 10, vibrate 10
        model "Iker Neo" "Svakom Iker Neo" vibrate 10, vibrate 10, vibrate 5
        model "VA617A-4" "BeYourLover Naughty Clock Sucker"

        protocol synchro
        names "Shinkuro" "synchro2" "synchro EX"
        service ffe0 tx=ffe1
        defaults "Synchro" rotate ±6
        model "synchro EX" "Synchro Exchange"
        """#
}
