// Spec version 4, text by text: the requests in a client's messages, and how devices are listed for it.

import Testing

@testable import Buttplug

@Suite struct V4DialectTests {
    @Test(
        "Every message of v4 is the request that the specification says",
        arguments: [
            (#"[{"Ping":{"Id":4294967295}}]"#, ["4294967295 ping"]),
            (#"[{"StartScanning":{"Id":1}},{"StopScanning":{"Id":2}}]"#, ["1 startScanning", "2 stopScanning"]),
            (#"[{"RequestDeviceList":{"Id":2}}]"#, ["2 deviceList"]), (#"[{"Disconnect":{"Id":99}}]"#, ["99 disconnect"]),
            (#"[{"StopCmd":{"Id":5}}]"#, ["5 stop -.- inputs outputs"]),
            (#"[{"StopCmd":{"Id":5,"DeviceIndex":3,"FeatureIndex":1,"Inputs":false,"Outputs":true}}]"#, ["5 stop 3.1 outputs"]),
            (#"[{"StopCmd":{"FeatureIndex":1,"Outputs":false,"Id":5}}]"#, ["5 stop -.1 inputs"]),
            (
                #"[{"InputCmd":{"Id":4,"DeviceIndex":0,"FeatureIndex":2,"Type":"Battery","Command":"Read"}}]"#,
                ["4 read 0.2 battery input(upperRSSI: false)"]
            ),
            (
                #"[{"InputCmd":{"Id":4,"DeviceIndex":0,"FeatureIndex":2,"Type":"RSSI","Command":"Subscribe"}}]"#,
                ["4 subscribe 0.2 rssi input(upperRSSI: true)"]
            ),
            (
                #"[{"InputCmd":{"Id":4,"DeviceIndex":0,"FeatureIndex":2,"Type":"Rssi","Command":"Unsubscribe"}}]"#,
                ["4 unsubscribe 0.2 rssi input(upperRSSI: false)"]
            ),
            (
                #"[{"InputCmd":{"Command":"READ","Type":"pressure","FeatureIndex":2,"DeviceIndex":0,"Id":4}}]"#,
                ["4 read 0.2 pressure input(upperRSSI: false)"]
            ),
            (
                #"[{"InputCmd":{"Id":4,"DeviceIndex":0,"FeatureIndex":2,"Type":"Depth","Command":"unsubscribe"}}]"#,
                ["4 unsubscribe 0.2 depth input(upperRSSI: false)"]
            ),
            (
                #"[{"OutputCmd":{"Id":3,"DeviceIndex":4,"FeatureIndex":0,"Command":{"HwPositionWithDuration":{"Value":750,"#
                    + #""Duration":400}}}}]"#,
                ["3 4.0 hwPositionWithDuration 750 in 400"]
            ),
            (
                #"[{"OutputCmd":{"Id":3,"DeviceIndex":4,"FeatureIndex":0,"Command":{"HwPositionWithDuration":{"#
                    + #""Duration":4294967295,"Value":0}}}}]"#,
                ["3 4.0 hwPositionWithDuration 0 in 4294967295"]
            ),
            (
                #"[{"OutputCmd":{"Id":3,"DeviceIndex":9,"FeatureIndex":9,"Command":{"Rotate":{"Value":-2147483648}}}}]"#,
                ["3 9.9 rotate -2147483648"]
            ),
            (#"[{"OutputCmd":{"Id":3,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":10.0}}}}]"#, ["3 0.0 vibrate 10"]),
            (#"[{"OutputCmd":{"Id":3,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":-0}}}}]"#, ["3 0.0 vibrate 0"]),
            (
                #"[{"OutputCmd":{"Id":3,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":1,"Duration":[{}],"#
                    + #""Clockwise":true}}}}]"#,
                ["3 0.0 vibrate 1"]
            ),
            (
                #" [ { "OutputCmd" : { "Id" : 3 , "DeviceIndex" : 0 , "FeatureIndex" : 0 , "Command" : { "Led" : { "Value" : 1 } } } } ] "#,
                ["3 0.0 led 1"]
            ),
            (
                #"[{"OutputCmd":{"\u0049d":3,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibr\u0061te":{"Value":1}}}}]"#,
                ["3 0.0 vibrate 1"]
            ),
            (#"[{"Ping":{"Id":1}}][{"Ping":{"Id":2}},{"Ping":{"Id":1}}] [{"Ping":{"Id":3}}]"#, ["1 ping", "2 ping", "1 ping", "3 ping"]),
        ] as [(String, [String])])
    func messages(text: String, requests: [String]) {
        var client = Conversation(.v4)
        #expect(client.receive(text) == requests)
    }

    @Test("Every output type has its name", arguments: OutputType.allCases)
    func outputTypes(type: OutputType) {
        var client = Conversation(.v4)
        let text = #"[{"OutputCmd":{"Id":3,"DeviceIndex":0,"FeatureIndex":0,"Command":{ "\#(type.name)":{"Value":1,"Duration":2}}}}]"#
        #expect(client.receive(text) == ["3 0.0 \(type) 1" + (type == .hwPositionWithDuration ? " in 2" : "")])
    }

    @Test("The list names every device, feature and range, by ascending index, and leaves out features that can do nothing")
    func list() {
        var client = Conversation(.v4)
        let list = client.say { $0.deviceList(2, devices: $1, into: &$2) }
        #expect(
            list == [
                #"[{"DeviceList":{"Id":2,"Devices":{"#
                    + #""0":{"DeviceIndex":0,"DeviceName":"Example Rabbit","DeviceMessageTimingGap":0,"DeviceFeatures":{"#
                    + #""0":{"FeatureIndex":0,"FeatureDescription":"","Output":{"Vibrate":{"Value":[0,20]}}},"#
                    + #""1":{"FeatureIndex":1,"FeatureDescription":"Shaft","Output":{"Rotate":{"Value":[-20,20]}}},"#
                    + #""2":{"FeatureIndex":2,"FeatureDescription":"battery Level","Input":{"#
                    + #""Battery":{"Value":[[0,100]],"Command":["Read"]},"Rssi":{"Value":[[-128,0]],"Command":["Read"]},"#
                    + #""RSSI":{"Value":[[-128,0]],"Command":["Read"]}}}}},"#
                    + #""4":{"DeviceIndex":4,"DeviceName":"Example Stroker","DeviceDisplayName":"Desk \"unit\"","#
                    + #""DeviceMessageTimingGap":50,"#
                    + #""DeviceFeatures":{"0":{"FeatureIndex":0,"FeatureDescription":"Axis","Output":{"Position":{"Value":[0,1000]},"#
                    + #""HwPositionWithDuration":{"Value":[0,1000],"Duration":[0,100000]}}},"#
                    + #""3":{"FeatureIndex":3,"FeatureDescription":"","Output":{"HwPositionWithDuration":{"Value":[0,99],"#
                    + #""Duration":[0,2147483647]}}}}},"#
                    + #""70":{"DeviceIndex":70,"DeviceName":"Wand","DeviceMessageTimingGap":0,"DeviceFeatures":{"#
                    + #""0":{"FeatureIndex":0,"FeatureDescription":"","Output":{"Vibrate":{"Value":[0,100]}}},"#
                    + #""1":{"FeatureIndex":1,"FeatureDescription":"","Output":{"Vibrate":{"Value":[0,10]},"Constrict":{"Value":[0,3]}}},"#
                    + #""5":{"FeatureIndex":5,"FeatureDescription":"Tip","Output":{"Vibrate":{"Value":[0,127]}}},"#
                    + #""6":{"FeatureIndex":6,"FeatureDescription":"Grip","Input":{"Button":{"Value":[[0,1]],"Command":["Subscribe"]},"#
                    + #""Pressure":{"Value":[[0,4095],[0,255]],"Command":["Read","Subscribe"]},"#
                    + #""Depth":{"Value":[[0,10]],"Command":["Read","Subscribe"]}}}}}}}}]"#
            ])
    }

    @Test("After every change the whole list is sent with Id 0; denied devices are not in it")
    func pushes() {
        var client = Conversation(.v4, devices: [Fixtures.empty])
        let one =
            #"[{"DeviceList":{"Id":0,"Devices":{"7":{"DeviceIndex":7,"DeviceName":"","DeviceMessageTimingGap":0,"DeviceFeatures":{}}}}}]"#
        #expect(client.say { $0.deviceListChanged($1, into: &$2) } == [one])
        client.denied.insert(7)
        #expect(client.say { $0.deviceListChanged($1, into: &$2) } == [#"[{"DeviceList":{"Id":0,"Devices":{}}}]"#])
        #expect(client.say { $0.deviceList(3, devices: $1, into: &$2) } == [#"[{"DeviceList":{"Id":3,"Devices":{}}}]"#])
    }
}
