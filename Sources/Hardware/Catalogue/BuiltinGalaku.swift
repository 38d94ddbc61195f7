// Facts of devices: Galaku.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinGalaku {
    static let text = #"""
        protocol galaku
        names "GX85" "GX07" "GX17" "GX21" "GX22" "GX16" "GX29" "GX23" "GX25" "GX26" "GK03" "GX39" "G321" "G304" "G336" "G331" "G326" "G335"
        names "G341" "G355" "G349" "G407" "G204" "G171" "G12D" "G123" "G23A" "G336" "G23A" "A073" "GLMT" "G901" "G912" "G901" "G20B" "K112"
        names "G202" "K118" "K107" "G203" "TXHL" "TXMM" "TXKL" "K108" "K109" "KWL2" "TFHL" "TFMM" "TFKL" "K120" "K12A" "K12C" "LL18" "CYX2"
        names "RC31" "MD19" "QD48" "BGSF" "BGQS" "AX05" "DT01" "BGZY" "A531" "YXSJ" "G317" "G312" "G302" "G320" "G314" "G228" "G315" "G307"
        names "K311" "G339" "G354" "G12B" "G29C" "G29D" "GKML" "G348" "G913" "G213" "TFF1" "G310" "K113" "G228" "G310" "TFF1" "D358" "G322"
        names "D402" "G40A" "G403" "G43A" "K12B" "QCVW" "QCSW" "QCPW" "SN80" "BGCD" "TFG1" "GK27" "GX27" "GK25" "AC695X_1(BLE)" "GX33" "WSXK"
        service 1000 rxblebattery=1002 tx=1001
        defaults "Galaku Device" vibrate 100, battery?
        model "V415" "Galaku Nebula"
        model "GX85" "Galaku Shana"
        model "GX07" "Galaku Miya"
        model "GX17" "Galaku Capsule lipstick"
        model "GX21" "Galaku Vitality Cat"
        model "GX22" "Galaku Phantom X"
        model "GX16" "Galaku Vitality Strawberry"
        model "GX29" "Galaku Little Magic Box"
        model "GX23" "Galaku Little Whale"
        model "GX25" "Galaku Happy Vibrator"
        model "GX26" "Galaku Xiaobao Beans"
        model "GK03" "Galaku Capsule Vibrator"
        model "GX39" "Galaku Ice cone miniAV stick"
        model "G321" "Galaku mini ice cream cone"
        model "G304" "Galaku Shia's Collar"
        model "G336" "Galaku The Second Generation of Vitality Bird"
        model "G331" "Galaku Octopus glans massager"
        model "G326" "Galaku Alice"
        model "G335" "Galaku Unicorn Butt Plug"
        model "G341" "Galaku Ace"
        model "G355" "Galaku Little cute turtle"
        model "G349" "Galaku Little Bullet"
        model "G407" "Galaku Joy Vibrator"
        model "G204" "Galaku Bowling"
        model "G171" "Galaku Mixin Controller"
        model "G12D" "Galaku Hua Chao Brush"
        model "G123" "Galaku 花sai"
        model "G23A" "Galaku Dream Vibration"
        model "G336" "Galaku The Second Generation of Vitality Bird"
        model "G23A" "Galaku Dream Vibration"
        model "A073" "Galaku Joy Vibrator"
        model "GLMT" "Galaku Rogue Rabbit"
        model "G901" "Galaku Suck the vibrator"
        model "G912" "Galaku Donut"
        model "G901" "Galaku Suck the vibrator"
        model "G20B" "Galaku Ballet Vibrator"
        model "K112" "Galaku Donut"
        model "G202" "Galaku Flirting Pen"
        model "K118" "Galaku Ball vibrator"
        model "K107" "Galaku Cyberpunk Airplane Cup"
        model "G203" "Galaku Vitality Cute Pet"
        model "TXHL" "Galaku Little gourd vibrating egg"
        model "TXMM" "Galaku little kitten"
        model "TXKL" "Galaku Little Dinosaur"
        model "K108" "Galaku Bell sucking"
        model "K109" "Galaku Ring vibration"
        model "KWL2" "Galaku Erection Booster"
        model "TFHL" "Galaku Gyoyo-G (meaning Yue-little gourd)"
        model "TFMM" "Galaku Gyoyo (meaning joy)"
        model "TFKL" "Galaku Gyoyo (meaning joy)"
        model "K120" "Galaku Pinky stick"
        model "K12A" "Galaku Little Turtle Stick"
        model "K12C" "Galaku Xiao Xian Wan"
        model "LL18" "Galaku Mitang"
        model "CYX2" "Secret Lover Simon"
        model "RC31" "Secret Lover Betty"
        model "MD19" "Secret Lover Kevin"
        model "QD48" "Adorime Wearable Egg Vibrator"
        model "BGSF" "Adorime Male Masturbator"
        model "BGQS" "Adorime Penis Vibrator"
        model "AX05" "Adorime Anal Vibrator"
        model "DT01" "Adorime Chastity Cage"
        model "BGZY" "Adorime Penis Helmet Vibrator"
        model "A531" "Adorime Pink Touch"
        model "G317" "Galaku Zaku Aircraft Cup" oscillate 100, vibrate 100, battery?
        model "G312" "Galaku Mecha" oscillate 100, vibrate 100, battery?
        model "G302" "Galaku Little Devil" vibrate 100, vibrate 100, battery?
        model "G320" "Galaku Athena" oscillate 100, vibrate 100, battery?
        model "G314" "Galaku Vitality Octopus II" vibrate 100, vibrate 100, battery?
        model "G228" "Galaku Little Dolphin" vibrate 100, vibrate 100, battery?
        model "G315" "Galaku Unicorn" vibrate 100, vibrate 100, battery?
        model "G307" "Galaku Queen Bee Gun" oscillate 100, vibrate 100, battery?
        model "K311" "Galaku Freya" vibrate 100, vibrate 100, battery?
        model "G339" "Galaku Rhino Prostate Massager" vibrate 100, rotate 100, battery?
        model "G354" "Galaku Armoured-ONE" oscillate 100, vibrate 100, battery?
        model "G12B" "Galaku Flower Season" vibrate 100, vibrate 100, battery?
        model "G29C" "Galaku Little Rubik's Cube" vibrate 100, vibrate 100, battery?
        model "G29D" "Galaku Small powder cake" vibrate 100, vibrate 100, battery?
        model "GKML" "Galaku Milly" vibrate 100, vibrate 100, battery?
        model "G348" "Galaku Rhinoceros Back Court" vibrate 100, vibrate 100, battery?
        model "G913" "Galaku Unicorn II" vibrate 100, vibrate 100, battery?
        model "G213" "Galaku Phantom" vibrate 100, vibrate 100, battery?
        model "TFF1" "Galaku F1 Aircraft Cup" oscillate 100, vibrate 100, battery?
        model "G310" "Galaku Scepter AV Stick" vibrate 100, vibrate 100, battery?
        model "K113" "Galaku Unicorn II" vibrate 100, vibrate 100, battery?
        model "G228" "Galaku Little Dolphin" vibrate 100, vibrate 100, battery?
        model "G310" "Galaku Scepter AV Stick" vibrate 100, vibrate 100, battery?
        model "TFF1" "Galaku F1 Aircraft Cup" vibrate 100, vibrate 100, battery?
        model "D358" "Galaku Classic vibration-absorbing AV state" vibrate 100, vibrate 100, battery?
        model "G322" "Galaku Unicorn" vibrate 100, vibrate 100, battery?
        model "D402" "Galaku New series of vibrators" vibrate 100, vibrate 100, battery?
        model "G40A" "Galaku New series of vibrators" vibrate 100, vibrate 100, battery?
        model "G403" "Galaku New series of vibrators" vibrate 100, vibrate 100, battery?
        model "G43A" "Galaku New series of vibrators" vibrate 100, vibrate 100, battery?
        model "K12B" "Galaku Little Turtle Stick" vibrate 100, vibrate 100, battery?
        model "QCVW" "Kisstoy Lost (Vibrating)" vibrate 100, vibrate 100, battery?
        model "QCSW" "Kisstoy Lost (Sucking)" vibrate 100, vibrate 100, battery?
        model "QCPW" "Kisstoy Lost (Insertable)" vibrate 100, vibrate 100, battery?
        model "SN80" "Adorime G-spot Rabbit Dildo Vibrator" vibrate 100, vibrate 100, battery?
        model "BGCD" "Adorime Backy" vibrate 100, vibrate 100, battery?
        model "YXSJ" "Adorime Cock Ring" vibrate 100, vibrate 100, battery?
        model "TFG1" "Galaku Aurora Aircraft Cup" vibrate 100, constrict 100 (Suction Pump), battery?
        model "GK27"|"GX27" "Galaku Cannon-GT"
        model "GK25" "Galaku Phantom PLUS"
        model "AC695X_1(BLE)" "Galaku Vision"
        model "GX33" "Galaku Dimension No. 1"
        model "WSXK" "Galaku Starry Sky CUP"

        protocol galaku-pump
        names "V415"
        service 1000 tx=1001
        defaults "Galaku Device" oscillate 100, vibrate 100
        model "V415" "Galaku Nebula"
        """#
}
