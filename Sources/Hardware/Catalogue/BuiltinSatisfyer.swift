// Facts of devices: Satisfyer.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinSatisfyer {
    static let text = #"""
        protocol satisfyer
        names "SF *"
        makers 005d 000027
        makers 005d 000028
        service 180a rxblemodel=2a24
        service 51361500-c5e7-47c7-8a6e-47ebc99d80e8 command=51361501 tx=51361502
        defaults "Satisfyer Device" vibrate 100
        model "10005" "Satisfyer Hot Spot"
        model "10006" "Satisfyer Heated Affair" vibrate 100, vibrate 100
        model "10007" "Satisfyer Big Heat"
        model "10008" "Satisfyer Heated Thrill"
        model "10009" "Satisfyer Hot Bunny" vibrate 100, vibrate 100
        model "10010" "Satisfyer Heat Climax"
        model "10011" "Satisfyer Heat Climax+" vibrate 100, vibrate 100
        model "10012" "Satisfyer Hot Passion"
        model "10013" "Satisfyer Haute Couture+" vibrate 100, vibrate 100
        model "10014" "Satisfyer High Fashion+" vibrate 100, vibrate 100
        model "10015" "Satisfyer Prêt-à-porter+" vibrate 100, vibrate 100
        model "10024"|"10025" "Satisfyer Love Triangle" vibrate 100, vibrate 100
        model "10027"|"10028" "Satisfyer Curvy 1+" vibrate 100, vibrate 100
        model "10030"|"10031" "Satisfyer Curvy 2+" vibrate 100, vibrate 100
        model "10032" "Satisfyer Double Wand-er"
        model "10046"|"10047"|"10048" "Satisfyer Double Joy" vibrate 100, vibrate 100
        model "10049"|"10050"|"10051" "Satisfyer Double Fun" vibrate 100, vibrate 100
        model "10052"|"10053"|"10054" "Satisfyer Double Love" vibrate 100, vibrate 100
        model "10055" "Satisfyer Curvy 3+" vibrate 100, vibrate 100
        model "10059"|"10060"|"10061" "Satisfyer Hot Lover" vibrate 100, vibrate 100
        model "10062"|"10063"|"10064" "Satisfyer Mono Flex" vibrate 100, vibrate 100
        model "10065"|"10066"|"10067"|"10068" "Satisfyer Double Flex" vibrate 100, vibrate 100, vibrate 100
        model "10069"|"10070"|"10071" "Satisfyer Heat Wave" vibrate 100, vibrate 100
        model "10072" "Satisfyer Little Secret"
        model "10073" "Satisfyer Sexy Secret"
        model "10074" "Satisfyer Strong One"
        model "10075" "Satisfyer Mighty One"
        model "10076" "Satisfyer Powerful One"
        model "10077" "Satisfyer Royal One"
        model "10078" "Satisfyer Signet Ring"
        model "10079"|"10080" "Satisfyer Dual Love" vibrate 100, vibrate 100
        model "10081"|"10082" "Satisfyer Dual Pleasure" vibrate 100, vibrate 100
        model "10090" "Satisfyer Hero+"
        model "10091" "Satisfyer Knight+"
        model "10092"|"10093" "Satisfyer Newcomer+"
        model "10100"|"10101" "Satisfyer Plug-ilicious 1" vibrate 100, vibrate 100
        model "10102"|"10103"|"10104" "Satisfyer Plug-ilicious 2" vibrate 100, vibrate 100
        model "10105" "Satisfyer E-Love Foreplay"
        model "10108" "Satisfyer E-Love G-Hunter"
        model "10109" "Satisfyer E-Love G-Hunter+" vibrate 100, vibrate 100
        model "10110" "Satisfyer E-Love G-Spotter"
        model "10111" "Satisfyer E-Love G-Spotter+" vibrate 100, vibrate 100
        model "10112" "Satisfyer E-Love Story"
        model "10119"|"10120"|"10182" "Satisfyer Love Birds 1"
        model "10121"|"10122"|"10123" "Satisfyer Love Birds 2"
        model "10124"|"10125"|"10126" "Satisfyer Love Birds Vary"
        model "10127"|"10128"|"10129"|"10201" "Satisfyer Ribbed Petal"
        model "10130"|"10131"|"10132"|"10133" "Satisfyer Shiny Petal"
        model "10134"|"10135"|"10136"|"10202" "Satisfyer Smooth Petal"
        model "10140" "Satisfyer Men Vibration+" vibrate 100, vibrate 100
        model "10141" "Satisfyer Power Plug"
        model "10142"|"10143" "Satisfyer Rotator Plug 1+" vibrate 100, vibrate 100
        model "10144"|"10145" "Satisfyer Rotator Plug 2+" vibrate 100, vibrate 100
        model "10146"|"10147" "Satisfyer Deep Diver"
        model "10148"|"10149" "Satisfyer Sweet Seal"
        model "10150"|"10151" "Satisfyer Trendsetter"
        model "10154"|"10155"|"10156" "Satisfyer Twirling Joy"
        model "10157"|"10158" "Satisfyer Ultra Power Bullet 8"
        model "10160"|"10161"|"10162" "Satisfyer Double Desire" vibrate 100, vibrate 100
        model "10163"|"10164"|"10165"|"10166" "Satisfyer Double Lust" vibrate 100, vibrate 100
        model "10167" "Satisfyer Epic Duo"
        model "10168" "Satisfyer Pleasure Wand+"
        model "10169"|"10170"|"10171" "Satisfyer Top Secret" vibrate 100, vibrate 100
        model "10172"|"10173"|"10174" "Satisfyer Top Secret+" vibrate 100, vibrate 100
        model "10175"|"10176" "Satisfyer Bullseye"
        model "10177"|"10178"|"10179" "Satisfyer Sunray" vibrate 100, vibrate 100
        model "10180"|"10181" "Satisfyer Curvy Trinity 5+" vibrate 100, vibrate 100
        model "10183"|"10184" "Satisfyer Intensity Plug"
        model "10185" "Satisfyer Power Masturbator"
        model "10186"|"10187" "Satisfyer Hug me" vibrate 100, vibrate 100
        model "10188" "Satisfyer Air Pump Bunny 5+" vibrate 100, vibrate 100
        model "10189" "Satisfyer Air Pump Vibrator 5+"
        model "10190"|"10191" "Satisfyer Threesome 4" vibrate 100, vibrate 100
        model "10192" "Satisfyer G-Spot Flex 4+"
        model "10193"|"10194" "Satisfyer G-Spot Flex 5+"
        model "10195" "Satisfyer Air Pump Booty 5+"
        model "10196" "Satisfyer Pro+ Wave 4" vibrate 100, vibrate 100
        model "10197"|"10198" "Satisfyer Mini Wand-er+" vibrate 100, vibrate 100
        model "10199"|"10200" "Satisfyer Tropical Tip"
        model "10203"|"10204" "Satisfyer Twirling Pro+" vibrate 100, vibrate 100
        model "10205" "Satisfyer Perfect Pair 4"
        model "10206"|"10207"|"10208" "Satisfyer Booty Absolute Beginners 5"
        model "10241"|"10242" "Satisfyer Rrrolling Sensation" vibrate 100, vibrate 100
        model "10307"|"10308"|"10309" "Satisfyer Pro 2 Gen 3" vibrate 100, vibrate 100
        """#
}
