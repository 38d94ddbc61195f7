// The protocols that need no code: one row, or a few, say what is written. `TemplateText` has the grammar.
// Facts only; where they come from stands in NOTICE.

enum Rows {
    /// The protocols by name. A row that cannot be read is left out; a test refuses it.
    static let programs = TemplateText.read(text).programs

    /// The names of the protocols, in order.
    static var names: [String] {
        var names: [String] = []
        for line in text.split(separator: "\n") {
            if let word = line.split(separator: " ").first, names.last != String(word) { names.append(String(word)) }
        }
        return names
    }

    static let text = #"""
        activejoy vibrate b0 01 00 i on v
        adrienlastic vibrate confirmed "MotorValue:{v:2};"
        amorelie-joy vibrate 01 01 v / first 03
        aneros vibrate f1+i v
        bananasome all a0 03 s0 s1 s2
        cachito vibrate 02+i 01+i v 00
        cowgirl all confirmed 00 01 s0 s1
        cowgirl-cone vibrate f1 01 v 00 / first aa 56 00 00 / pause 3s
        cupido vibrate b0 03 00 00 00 v aa
        deepsire vibrate 55 04 01 00 00 v aa
        feelingso all aa 40 03 s0 s1 14 19
        fleshy-thrust move v be16(ms)
        fox vibrate 03 01 01 fe v
        hgod vibrate 55 04 00 00 00 v / running 100ms
        htk_bm all s0?(s1?0b:0c):(s1?0d:0f)
        itoys vibrate a0 01 00 00 v ff
        itoys oscillate a0 06 on 00 on v
        itoys rotate a0 08 on 00 mag v?ff:00
        jejoue all s0?(s1?01:02):(s1?03:01) s0?s0:s1 ; 1 is both motors, which have one speed
        kiiroo-powershot all confirmed 01 00 00 s0 s1 00
        kiiroo-prowand vibrate 00 00 64 v?ff:00 v v
        kiiroo-spot vibrate 00 ff 00 00 00 v
        kiiroo-v2-vibrator all s0 s1 s2
        kizuna rotate 30+mag 0d 0a
        lelo-f1s all 01 s0 s1 / subscribe rx
        leten vibrate confirmed 02 v / first 04 01 / again 1s
        libo-elle vibrate to txmode v
        libo-shark all s0<<4|s1
        libo-vibes slot0 v / zero 00 + to txmode s1 ; the second motor keeps what it has
        libo-vibes slot1 to txmode v
        lioness vibrate 02 aa bb cc cc v / subscribe rx / first confirmed 01 aa aa bb cc 10
        loob move be16(max(v,1)) be16(max(ms,1)) / first confirmed 00 01 01 f4
        lovedistance vibrate f3 00 v / first f3 00 00 + f4 01
        lovenuts vibrate 45 56 4f 4c 10( v<<4|v ) 00 ff
        luvmazer vibrate a0 01 00 i 64 v
        luvmazer rotate a0 0f 00 00 64 mag
        luvmazer oscillate a0 06 01 00 64 v
        luvmazer constrict a0 0d 00 00 v?14:00 v
        magic-motion-1 each 0b ff 04 0a 32 32 00 04 08 v 64 00
        magic-motion-2 all 10 ff 04 0a 32 0a 00 04 08 s0 64 00 04 08 s1 64 01
        magic-motion-3 each 0b ff 04 0a 46 46 00 04 08 v 64 00
        magic-motion-4 all confirmed 10 ff 04 0a 32 32 00 04 08 s0 64 00 04 08 one?s0:s1 64 01
        mannuo vibrate confirmed aa 55 06 01 01 01 v fa xor
        maxpro vibrate 55 04 07 ff ff 3f v 5f v sum
        meese vibrate confirmed 01 80 01+i v
        mizzzee vibrate 69 96 03 01 on v
        mizzzee-v2 vibrate 69 96 04 02 v 2c v
        mizzzee-v3 vibrate confirmed 03 12 f3 2( 00 fc 00 fe 40 01 le16((v*7+bb8)*3ff/2710<<6|3c) ) 00 / zero 03 12 18( 00 ) / again 200ms
        motorbunny vibrate ff 7( v 14 ) sum1 ec / zero f0 00 00 00 00 ec
        motorbunny rotate af 7( dir?29:2a mag ) sum1 ec / zero a0 00 00 00 00 ec
        mymuselinkplus vibrate aa 55 06 01 01 01 v ff / zero aa 55 06 aa 00 00 00 00
        mysteryvibe all to txvibrate s* / first to txmode confirmed 43 02 00 / again 93ms
        mysteryvibe-v2 all to txvibrate s* / first to txmode confirmed 03 02 40 / again 93ms
        nextlevelracing vibrate "M{i}{v}" 0d
        nexus-revo vibrate confirmed aa 01 01 00 01 v
        nexus-revo rotate confirmed aa 01 02 00 v?mag+(dir?0:2):0 00
        nobra vibrate v?60+v:70 / first 70
        omobo vibrate confirmed a1 04 04 01 v ff 55
        patoo all confirmed s0?s0:s1 + to txmode confirmed s0?04:(s1?80:00) / model letters
        picobong vibrate 01 v?01:ff v
        pink_punch vibrate confirmed 09 v
        prettylove vibrate confirmed 00 v
        realov vibrate c5 55 v aa
        sakuraneko vibrate a1 08 01 00 00 00 64 v 00 64 df 55
        sakuraneko rotate a2 08 01 00 00 00 64 mag 00 32 df 55
        sensee vibrate 55 aa f0 01 01 0b 65 f7 01 01 v
        sexverse-lg389 all confirmed aa 05 s0 14 s1?01:00 00 s1?04:00 00 s1 00
        sexverse-v2 each confirmed aa 03 01 01+i 64 v / first confirmed aa 04
        sexverse-v3 each confirmed a1 04 mag 01+i / again 100ms
        sexverse-v4 vibrate confirmed bb 01 v 66
        sexverse-v5 vibrate aa 03 03 v 00 00 00
        svakom-alex vibrate 12 01 03 00 v?v:ff 00
        svakom-alex-v2 vibrate 55 03 03 00 v v+5
        svakom-avaneo slot0 55 03 00 00 on v
        svakom-avaneo vibrate 55 09 00 00 v ff
        svakom-avaneo oscillate 55 08 00 00 v ff
        svakom-barnard vibrate 55 03 00 00 v on
        svakom-barnard oscillate 55 08 00 00 v v?ff:00
        svakom-dice vibrate 55 04 00 00 01 v aa
        svakom-dt250a slot0 55 03 00 00 v on
        svakom-dt250a vibrate 55 08 00 00 v on
        svakom-dt250a constrict 55 09 00 00 v 00
        svakom-jordan vibrate 55 03 00 00 on v 00
        svakom-jordan oscillate 55 08 00 00 on v 00
        svakom-pulse vibrate 55 03 03 00 on v+1
        svakom-sam2 vibrate confirmed 55 03 00 00 v?5:0 v 00
        svakom-sam2 constrict confirmed 55 09 00 00 on v 00
        svakom-suitcase slot0 55 03 00 00 v?(v+9)/a:0 v?(v-1)%a+1:0
        svakom-suitcase vibrate 55 09 00 00 v 00
        svakom-tarax slot0 55 03 00 00 v?v:1 v?2:1
        svakom-tarax vibrate 55 09 00 00 v 00
        svakom-v1 vibrate 55 04 03 00 on v
        svakom-v2 slot0 confirmed 55 03 03 00 on v
        svakom-v2 vibrate confirmed 55 06 01 00 v v
        svakom-v3 rotate 55 08 00 00 mag ff
        svakom-v3 slot0 55 03 03 00 on v
        svakom-v3 vibrate 55 09 00 00 on v
        synchro rotate a1 01 mag|dir<<7 77 55
        tryfun oscillate confirmed aa 02 07 v 2-sum1
        tryfun rotate confirmed aa 02 08 mag 2-sum1
        tryfun vibrate confirmed 00 02 00 05 v?2:1 v?v:2 01 v?0:1 fd-max(v,1)
        tryfun-blackhole oscillate k 02 00 03 0c v 5-sum1
        tryfun-blackhole vibrate k 02 00 03 09 v 5-sum1
        tryfun-meta2 oscillate k 02 00 05 21 05 0b v 7-sum1
        tryfun-meta2 vibrate k 02 00 05 21 05 08 v 7-sum1
        tryfun-meta2 rotate k 02 00 05 21 05 0e dir?mag:0-v-1 7-sum1
        vibratissimo all to txmode 03 ff + to txvibrate s*2 / model text
        wetoy vibrate confirmed b2 v-1 / zero 80 03 / first 80 03
        wevibe all confirmed 0f 03 00 s0<<4|(one?s0:s1) 00 03 00 00 / rest 0f 00 00 00 00 00 00 00
        wevibe-8bit all confirmed 0f 03 00 (one?s0:s1)+3 s0+3 ((one?s0:s1)?2:0)|(s0?1:0) 00 00 / rest 0f 00 00 00 00 00 00 00
        wevibe-chorus all confirmed 0f 03 00 s0 one?s0:s1 ((one?s0:s1)?2:0)|(s0?1:0) 00 00 / rest 0f 00 00 00 00 00 00 00
        xibao oscillate 66 3a 00 06 00 06 01 02 00 02 04 v sum
        xiuxiuda vibrate 00 00 00 00 65 3a 30 v 64
        xuanhuan vibrate confirmed 03 02 00 v / running 300ms
        youcups vibrate "$SYS,{v}?"
        youou vibrate aa 55 k 02 03 01 v on xor ff 7( 00 )
        zalo all confirmed (s0|s1)?1:2 s0?s0:1 s1?s1:1
        """#
}
