// Facts of devices: JoyHub.
// Facts only; where they come from stands in NOTICE. `CatalogueText` has the grammar.

enum BuiltinJoyHub {
    static let text = #"""
        protocol joyhub
        names "J-Ringstar" "J-RapidTwist2" "J-Melody" "J-Virtuoso" "J-Pathfinder3" "J-RoseLin" "J-Viele" "J-Pearlconch" "J-PearlconchL"
        names "J-PetiteRose" "J-MoonHorn" "J-VibTrefoil" "J-Panther" "J-Mecha" "J-Lagoon" "J-Firedragon" "J-Dina" "J-Vbarbie3f" "J-CHERLY2c"
        names "J-Pathfinder2" "J-Pathfinder" "J-VibRipple" "J-Verax" "J-Verax2" "J-Euphoric2" "J-ROSEBUD" "J-Morningbuds2" "J-Rhythmic4"
        names "J-Virtuoso2" "J-Dyllis" "J-Flamewing" "J-VelvetRabbit" "J-VividPulse" "J-VioletVine" "J-VibSiren2" "J-Veemy" "J-Fabledragon"
        names "J-Faunus" "J-VortexTongue2" "J-Torin" "J-VBarbiep" "J-Vbarbie" "J-Viball" "J-Vase" "J-Vortex2s" "J-Royaleye" "J-VBarbie2t" "J-Pau"
        names "J-Petalwish3" "J-Marshal" "J-Piet2" "J-Vince" "J-Dallin" "J-Mace2" "J-Verax4" "J-Palmyra" "J-Maiden" "J-Viele3" "J-Xylia" "J-Troi"
        names "J-Tanmouth" "J-Marcela" "J-Vita" "J-LACH" "J-Markel" "J-Pipes" "J-Vigo" "J-Petalwish2" "J-VortexTongue" "J-Velocity"
        names "JOYHUB-ROSELLA2" "J-VibSiren" "J-ElixirEgg" "J-RetroGuard" "J-TrueForm" "J-TrueForm3" "J-Rhythmic2" "J-Rhythmic3" "J-Mysticolor"
        names "J-VividWings" "J-Rainbow" "J-BlackBull" "J-Peacock" "J-Mariner" "J-Mace" "J-MarsLion" "J-Tarian" "J-Pul" "J-Euphoric"
        names "J-Euphoric3" "J-Torrian" "J-Rayen" "J-ROSELLA3" "J-Mackay" "J-Rowdy3" "J-Eclipse" "J-DukeDazzle2" "J-Scarlett" "J-Tarik"
        names "J-UricaGuard2" "J-Viva" "J-Ryden" "J-Mars" "J-MarsLion2" "J-Myrna" "J-Vase2" "J-Martino" "J-Enam" "J-Viv" "J-Vivara" "J-Explorer2"
        names "J-Derik" "J-Peachy" "J-Divers" "J-VioletGale" "J-Vellum" "J-Torque" "J-Mighty" "J-MowgliII" "J-Pinhead" "J-Victor" "J-Mirage3"
        names "J-Maelstrom" "J-Dodge" "J-Pyt" "J-Perseus" "J-Pogo" "J-Pyro" "J-MaxSensr" "J-Diego" "J-RoseVore" "J-Rosethorn2" "J-Pak"
        names "J-VeeLips" "J-Veeva2" "J-Punch"
        service ffa0 tx=ffa1
        defaults "JoyHub Device" vibrate 255
        model "JOYHUB-ROSELLA2" "JoyHub Rosella 2"
        model "J-Velocity" "JoyHub Velocity"
        model "J-ElixirEgg" "JoyHub ElixirEgg"
        model "J-RetroGuard" "JoyHub Retro Guard"
        model "J-TrueForm3" "JoyHub TrueForm 3"
        model "J-TrueForm" "JoyHub TrueForm"
        model "J-Rhythmic2" "JoyHub Rhythmic 2"
        model "J-Rhythmic3" "JoyHub Rhythmic 3"
        model "J-Rainbow" "JoyHub Rainbow" vibrate 255, 6:led 1
        model "J-BlackBull" "JoyHub Black Bull"
        model "J-Peacock" "JoyHub Peacock" vibrate 255, 6:led 1
        model "J-Mace" "JoyHub Mace"
        model "J-Tarian" "JoyHub Tarian"
        model "J-Euphoric" "JoyHub Euphoric"
        model "J-Euphoric3" "JoyHub Euphoric3"
        model "J-Torrian" "JoyHub Torrian"
        model "J-Rayen" "JoyHub Rayen"
        model "J-Mackay" "JoyHub Mackay"
        model "J-Rowdy3" "JoyHub Rowdy 3"
        model "J-Eclipse" "JoyHub Eclipse"
        model "J-Scarlett" "JoyHub Scarlett"
        model "J-Tarik" "JoyHub Tarik"
        model "J-Derik" "JoyHub Urica Guard"
        model "J-UricaGuard2" "JoyHub Urica Guard 2"
        model "J-Viva" "JoyHub Viva"
        model "J-Ryden" "JoyHub Ryden"
        model "J-Peachy" "JoyHub Peachy"
        model "J-Enam" "JoyHub Enam"
        model "J-Viv" "JoyHub Viv"
        model "J-Vivara" "JoyHub Vivara"
        model "J-Explorer2" "JoyHub Explorer 2"
        model "J-Peachy" "JoyHub Peachy"
        model "J-Divers" "JoyHub Divers"
        model "J-VioletGale" "JoyHub Violet Gale"
        model "J-Vellum" "JoyHub Vellum"
        model "J-Petalwish2" "JoyHub Petalwish 2" oscillate 255, 2:vibrate 255
        model "J-VortexTongue" "JoyHub Vortex Tongue" vibrate 255, rotate 255, 4:constrict 3 (Air Pump)
        model "J-VibSiren" "JoyHub VibSiren" vibrate 255 (External vibrator), vibrate 255 (Internal vibrator), oscillate 255, 6:temperature 1
        model "J-Mysticolor" "JoyHub Mysticolor" rotate 255, 4:constrict 7 (Air Pump)
        model "J-VividWings" "JoyHub Vivid Wings" vibrate 255, 2:oscillate 255
        model "J-Mariner" "JoyHub Mariner" rotate 255, 4:constrict 2 (Air Pump)
        model "J-MarsLion" "JoyHub MarsLion" vibrate 255, 4:constrict 5 (Air Pump)
        model "J-Pul" "JoyHub Pul" oscillate 255
        model "J-ROSELLA3" "JoyHub Rose Love" vibrate 255 (Suction Vibrator)
        model "J-DukeDazzle2" "JoyHub Edasich" vibrate 255, 2:oscillate 255, 6:temperature 1 (Heater)
        model "J-Mars" "JoyHub Mars" oscillate 255
        model "J-Martino" "JoyHub Martino" oscillate 255
        model "J-MarsLion2" "JoyHub Mars Lion 2" vibrate 255, 4:constrict 5
        model "J-Myrna" "JoyHub Myrna" vibrate 255, 4:constrict 9
        model "J-Vase2" "JoyHub Vase 2" vibrate 255 (Biting lips), 2:vibrate 255 (Sideways flicker)
        model "J-Pearlconch" "JoyHub Pearlconch" rotate 255, vibrate 255
        model "J-PearlconchL" "JoyHub Pearlconch L" rotate 255, vibrate 255
        model "J-Piet2" "JoyHub Piet 2" vibrate 255, rotate 255
        model "J-Panther" "JoyHub Panther" vibrate 255, rotate 255
        model "J-PetiteRose" "JoyHub Petite Rose" vibrate 255, rotate 255
        model "J-MoonHorn" "JoyHub Moon Horn" vibrate 255, 4:-, constrict 9 (Suction), temperature 1 (Heater)
        model "J-Mecha" "JoyHub Mecha" vibrate 255, 4:-, constrict 7 (Suction), temperature 1 (Heater)
        model "J-Lagoon" "JoyHub Lagoon" vibrate 255, 4:-, constrict 5 (Suction)
        model "J-VibTrefoil" "JoyHub VibTrefoil" vibrate 255 (External vibrator), vibrate 255 (Internal vibrator)
        model "J-Firedragon" "JoyHub Firedragon" oscillate 255, vibrate 255
        model "J-Dina" "JoyHub Deena" oscillate 255, vibrate 255 (Internal vibrator), vibrate 255 (External vibrator)
        model "J-Vbarbie3f" "JoyHub Cherly" vibrate 255 (External vibrator), vibrate 255 (Internal vibrator), oscillate 255
        model "J-CHERLY2c" "JoyHub Cherly 2c" vibrate 255 (Internal vibrator), vibrate 255 (Internal Whip), vibrate 255 (External vibrator), 6:temperature 1 (Heater)
        model "J-Pathfinder2" "JoyHub Pathfinder 2" oscillate 255, vibrate 255
        model "J-Pathfinder" "JoyHub Pathfinder" oscillate 255, vibrate 255
        model "J-VibRipple" "JoyHub Angela" vibrate 255 (External vibrator), vibrate 255 (Internal vibrator)
        model "J-Verax" "JoyHub Verax" vibrate 255 (Internal Whip), vibrate 255 (Internal vibrator)
        model "J-Verax2" "JoyHub Verax 2" vibrate 255, rotate 255
        model "J-Euphoric2" "JoyHub Euphoric 2" oscillate 255, vibrate 255
        model "J-ROSEBUD" "JoyHub RoseBUD" vibrate 255, rotate 255 (Flicker), 5:constrict 5 (Suction)
        model "J-Morningbuds2" "JoyHub Morningbuds" rotate 255, vibrate 255
        model "J-Rhythmic4" "JoyHub Rhythmic 4" oscillate 255, vibrate 255
        model "J-Virtuoso2" "JoyHub Virtuoso 2" vibrate 255, rotate 255, 5:constrict 3 (Suction)
        model "J-Dyllis" "JoyHub Dyllis" oscillate 255, vibrate 255, 6:temperature 1
        model "J-Flamewing" "JoyHub PhoenixGP" oscillate 255, vibrate 255
        model "J-Fabledragon" "JoyHub Fable Dragon" oscillate 255, vibrate 255
        model "J-Faunus" "JoyHub Faunus" oscillate 255, vibrate 255
        model "J-VelvetRabbit" "JoyHub Velvet Rabbit" vibrate 255, vibrate 255
        model "J-VividPulse" "JoyHub Vivid Pulse" vibrate 255, oscillate 255
        model "J-VioletVine" "JoyHub Violet Vine" vibrate 255, vibrate 255
        model "J-VibSiren2" "JoyHub VibSiren 2" vibrate 255, vibrate 255, oscillate 255
        model "J-Veemy" "JoyHub Veemy" vibrate 255, vibrate 255
        model "J-Viball" "JoyHub Viball" vibrate 255, oscillate 255, vibrate 255, 6:temperature 1
        model "J-Vase" "JoyHub Vase" vibrate 255, vibrate 255, oscillate 255
        model "J-Vortex2s" "JoyHub Vortex 2s" vibrate 255, vibrate 255, vibrate 255
        model "J-VortexTongue2" "JoyHub Lips" vibrate 255, rotate 255, 5:constrict 3 (Air Pump)
        model "J-Torin" "JoyHub Torin" vibrate 255, vibrate 255
        model "J-VBarbiep" "JoyHub VBarbie p" vibrate 255, vibrate 255, 6:temperature 1
        model "J-Vbarbie" "JoyHub VBarbie" vibrate 255, vibrate 255, 6:temperature 1
        model "J-Royaleye" "JoyHub Royaleye" vibrate 255, vibrate 255
        model "J-VBarbie2t" "JoyHub Norma" vibrate 255, vibrate 255, oscillate 255, 6:temperature 1
        model "J-Pau" "JoyHub Pau" oscillate 255, vibrate 255
        model "J-Petalwish3" "JoyHub Petalwish 3" oscillate 255, vibrate 255
        model "J-Marshal" "JoyHub Marshal" vibrate 255, 4:-, constrict 9 (Air Pump)
        model "J-Vince" "JoyHub Vince" vibrate 255, vibrate 255
        model "J-Dallin" "JoyHub Dallin" oscillate 255, vibrate 255, 6:temperature 1 (Heater)
        model "J-Mace2" "JoyHub Maynor" vibrate 255, 4:-, constrict 9 (Air Pump), temperature 1 (Heater)
        model "J-Verax4" "JoyHub Verax 4" vibrate 255, vibrate 255, vibrate 255
        model "J-Palmyra" "JoyHub Palmyra" vibrate 255, oscillate 255
        model "J-Xylia" "JoyHub Xylia" vibrate 255, oscillate 255, 6:temperature 1
        model "J-Maiden" "JoyHub Maiden" rotate 255, 4:-, constrict 5
        model "J-Viele3" "JoyHub Viele 3" vibrate 255, rotate 255
        model "J-Troi" "JoyHub Troi" vibrate 255, vibrate 255
        model "J-Tanmouth" "JoyHub Tanmouth" vibrate 255, vibrate 255
        model "J-Marcela" "JoyHub Marcela" oscillate 255, vibrate 255
        model "J-Vita" "JoyHub Vita" vibrate 255, rotate 255, oscillate 255
        model "J-LACH" "JoyHub Lach" vibrate 255, 4:-, constrict 5
        model "J-Markel" "JoyHub Markel" oscillate 255, 2:vibrate 255, 5:constrict 9 (Suction)
        model "J-Pipes" "JoyHub Pipes" rotate 255, vibrate 255
        model "J-Vigo" "JoyHub Vigo" vibrate 255, vibrate 255, oscillate 255
        model "J-Torque" "JoyHub Torque" vibrate 255, rotate 255
        model "J-Mighty" "JoyHub Mighty" oscillate 255, rotate 255
        model "J-Ringstar" "JoyHub Starfish" 3:oscillate 255
        model "J-RapidTwist2" "JoyHub Resi Ring 2" 3:oscillate 255
        model "J-RoseLin" "JoyHub RoseLin" vibrate 255, 3:rotate 255, constrict 4 (Suction)
        model "J-Viele" "JoyHub Viele" rotate 255 (Internal Simulator), 2:vibrate 255 (Internal Whip), vibrate 255 (Internal Vibrator)
        model "J-MowgliII" "JoyHub Mowgli II" 3:rotate 255, constrict 7
        model "J-Virtuoso" "JoyHub Virtuoso" 2:rotate 255, 4:constrict 1 (Suction)
        model "J-Pathfinder3" "JoyHub Pathfinder 3" oscillate 255, 2:vibrate 255
        model "J-Perseus" "JoyHub Perseus" oscillate 255, 2:vibrate 255
        model "J-Melody" "JoyHub Melody" 1:vibrate 255, 5:constrict 9 (Suction), temperature 1 (Heater)
        model "J-Pinhead" "JoyHub Pinhead" oscillate 255, 2:vibrate 255
        model "J-Victor" "JoyHub Victor" vibrate 255, rotate 255
        model "J-Maelstrom" "JoyHub Thermos" oscillate 255
        model "J-Mirage3" "JoyHub Mirage 3" rotate 255, 3:vibrate 255, 5:constrict 7
        model "J-Dodge" "JoyHub Dodge" oscillate 255, vibrate 255, 7:spray 1
        model "J-Pyt" "JoyHub Pyt" vibrate 255, oscillate 255
        model "J-Pogo" "JoyHub Pogo" vibrate 255, oscillate 255
        model "J-Pyro" "JoyHub Pyro" vibrate 255, rotate 255
        model "J-MaxSensr" "JoyHub MaxSensr" vibrate 255, oscillate 255, 4:constrict 7
        model "J-Diego" "JoyHub Diego" oscillate 255, vibrate 255, 5:temperature 1
        model "J-RoseVore" "JoyHub Rose Vore" vibrate 255, rotate 255, 4:constrict 7
        model "J-Rosethorn2" "JoyHub Rosethorn 2" oscillate 255, vibrate 255
        model "J-Pak" "JoyHub Pak" vibrate 255, vibrate 255, oscillate 255
        model "J-VeeLips" "JoyHub VeeLips" rotate 255, vibrate 255, vibrate 255
        model "J-Veeva2" "JoyHub Veeva 2" oscillate 255, vibrate 255
        model "J-Punch" "JoyHub Punch" rotate 255, vibrate 255
        """#
}
