# The messages that a server may send in each spec version, as small predicates; every frame received in any script is checked with them.
# Must not know which request a message answers.

CLIENT_ID = range(1, 2**32)
ANY_ID = range(0, 2**32)
OUTPUTS = {"Vibrate", "Rotate", "Oscillate", "Constrict", "Spray", "Temperature", "Led", "Position", "HwPositionWithDuration"}
INPUTS = {"Battery", "RSSI", "Rssi", "Pressure", "Button", "Depth", "Position"}


class Misshapen(AssertionError):
    """The server sent something that its version does not have."""


def need(condition, text):
    if not condition:
        raise Misshapen(text)


def integer(value, within=None):
    return isinstance(value, int) and not isinstance(value, bool) and (within is None or value in within)


def string(value):
    return isinstance(value, str)


def closed(body, required, optional=()):
    need(isinstance(body, dict), f"not an object: {body!r}")
    need(set(required) <= set(body), f"lacks {set(required) - set(body)}: {body}")
    need(set(body) <= set(required) | set(optional), f"has {set(body) - set(required) - set(optional)} too many: {body}")


def pair(value):
    return isinstance(value, list) and len(value) == 2 and all(integer(v) for v in value) and value[0] <= value[1]


def only_id(ids):
    def check(body):
        closed(body, ["Id"])
        need(integer(body["Id"], ids), f"Id {body['Id']}")

    return check


def error(body):
    closed(body, ["Id", "ErrorCode", "ErrorMessage"])
    need(integer(body["Id"], ANY_ID) and integer(body["ErrorCode"], range(0, 5)) and string(body["ErrorMessage"]), f"{body}")


def server_info_old(body):
    closed(body, ["Id", "ServerName", "MessageVersion", "MaxPingTime", "MajorVersion", "MinorVersion", "BuildVersion"])
    need(all(integer(v, ANY_ID) for k, v in body.items() if k != "ServerName") and string(body["ServerName"]), f"{body}")


def server_info_middle(body):
    closed(body, ["Id", "ServerName", "MessageVersion", "MaxPingTime"])
    need(all(integer(v, ANY_ID) for k, v in body.items() if k != "ServerName") and string(body["ServerName"]), f"{body}")


def server_info_v4(body):
    closed(body, ["Id", "ServerName", "MaxPingTime", "ProtocolVersionMajor", "ProtocolVersionMinor"])
    need(all(integer(v, ANY_ID) for k, v in body.items() if k != "ServerName") and string(body["ServerName"]), f"{body}")


def test(body):
    closed(body, ["Id", "TestString"])
    need(integer(body["Id"], CLIENT_ID) and string(body["TestString"]), f"{body}")


def device_v4(key, device):
    closed(device, ["DeviceIndex", "DeviceName", "DeviceMessageTimingGap", "DeviceFeatures"], ["DeviceDisplayName"])
    need(str(device["DeviceIndex"]) == key and integer(device["DeviceIndex"], ANY_ID), f"key {key}: {device}")
    need(string(device["DeviceName"]) and string(device.get("DeviceDisplayName", "")), f"{device}")
    need(integer(device["DeviceMessageTimingGap"], ANY_ID), f"{device}")
    for feature_key, feature in device["DeviceFeatures"].items():
        closed(feature, ["FeatureIndex", "FeatureDescription"], ["Output", "Input"])
        need(str(feature["FeatureIndex"]) == feature_key and string(feature["FeatureDescription"]), f"{feature}")
        need(feature.get("Output") or feature.get("Input"), f"a feature with neither output nor input: {feature}")
        for name, output in feature.get("Output", {}).items():
            need(name in OUTPUTS, f"output {name}")
            closed(output, ["Value", "Duration"] if name == "HwPositionWithDuration" else ["Value"])
            need(all(pair(v) for v in output.values()), f"{output}")
        for name, sensor in feature.get("Input", {}).items():
            need(name in INPUTS, f"input {name}")
            closed(sensor, ["Value", "Command"])
            need(sensor["Value"] and all(pair(v) for v in sensor["Value"]), f"{sensor}")
            need(sensor["Command"] and set(sensor["Command"]) <= {"Read", "Subscribe"}, f"{sensor}")


def device_list_v4(body):
    closed(body, ["Id", "Devices"])
    need(integer(body["Id"], ANY_ID) and isinstance(body["Devices"], dict), f"{body}")
    for key, device in body["Devices"].items():
        device_v4(key, device)


def messages_v0(messages):
    need(isinstance(messages, list) and messages == sorted(set(messages)), f"{messages}")
    need(set(messages) <= {"SingleMotorVibrateCmd", "StopDeviceCmd"}, f"{messages}")


def messages_v1(messages):
    for name, attributes in messages.items():
        if name in ("VibrateCmd", "RotateCmd", "LinearCmd"):
            closed(attributes, ["FeatureCount"])
            need(integer(attributes["FeatureCount"], CLIENT_ID), f"{messages}")
        else:
            need(name in ("SingleMotorVibrateCmd", "StopDeviceCmd") and attributes == {}, f"{name}: {attributes}")


def messages_v2(messages):
    for name, attributes in messages.items():
        if name in ("VibrateCmd", "RotateCmd", "LinearCmd"):
            closed(attributes, ["FeatureCount", "StepCount"])
            steps = attributes["StepCount"]
            need(integer(attributes["FeatureCount"], CLIENT_ID) and len(steps) == attributes["FeatureCount"], f"{messages}")
            need(all(integer(n, CLIENT_ID) for n in steps), f"{messages}")
        else:
            need(name in ("StopDeviceCmd", "BatteryLevelCmd", "RSSILevelCmd") and attributes == {}, f"{name}: {attributes}")


def messages_v3(messages):
    for name, attributes in messages.items():
        if name in ("ScalarCmd", "RotateCmd", "LinearCmd"):
            need(attributes, f"{name} is empty")
            for entry in attributes:
                closed(entry, ["FeatureDescriptor", "StepCount", "ActuatorType"])
                need(integer(entry["StepCount"], CLIENT_ID) and entry["ActuatorType"] in OUTPUTS, f"{entry}")
        elif name in ("SensorReadCmd", "SensorSubscribeCmd"):
            need(attributes, f"{name} is empty")
            for entry in attributes:
                closed(entry, ["FeatureDescriptor", "SensorType", "SensorRange"])
                need(entry["SensorType"] in INPUTS and all(pair(v) for v in entry["SensorRange"]), f"{entry}")
        else:
            need(name == "StopDeviceCmd" and attributes == {}, f"{name}: {attributes}")


MESSAGES = {0: messages_v0, 1: messages_v1, 2: messages_v2, 3: messages_v3}


def legacy_device(version, device, extra=()):
    optional = ["DeviceDisplayName", "DeviceMessageTimingGap"] if version == 3 else []
    closed(device, ["DeviceIndex", "DeviceName", "DeviceMessages", *extra], optional)
    need(integer(device["DeviceIndex"], ANY_ID) and string(device["DeviceName"]), f"{device}")
    need(string(device.get("DeviceDisplayName", "")) and integer(device.get("DeviceMessageTimingGap", 0), ANY_ID), f"{device}")
    need("StopDeviceCmd" in device["DeviceMessages"], f"no StopDeviceCmd: {device}")
    MESSAGES[version](device["DeviceMessages"])


def device_list_legacy(version):
    def check(body):
        closed(body, ["Id", "Devices"])
        need(integer(body["Id"], CLIENT_ID) and isinstance(body["Devices"], list), f"{body}")
        for device in body["Devices"]:
            legacy_device(version, device)
        indices = [device["DeviceIndex"] for device in body["Devices"]]
        need(indices == sorted(indices), f"devices not in index order: {indices}")

    return check


def device_added(version):
    def check(body):
        legacy_device(version, body, ["Id"])
        need(body["Id"] == 0, f"{body}")

    return check


def device_removed(body):
    closed(body, ["Id", "DeviceIndex"])
    need(body["Id"] == 0 and integer(body["DeviceIndex"], ANY_ID), f"{body}")


def battery_reading(body):
    closed(body, ["Id", "DeviceIndex", "BatteryLevel"])
    need(integer(body["Id"], CLIENT_ID) and 0 <= body["BatteryLevel"] <= 1, f"{body}")


def rssi_reading(body):
    closed(body, ["Id", "DeviceIndex", "RSSILevel"])
    need(integer(body["Id"], CLIENT_ID) and -128 <= body["RSSILevel"] <= 0, f"{body}")


def sensor_reading(body):
    closed(body, ["Id", "DeviceIndex", "SensorIndex", "SensorType", "Data"])
    need(integer(body["Id"], ANY_ID) and integer(body["DeviceIndex"], ANY_ID) and integer(body["SensorIndex"], ANY_ID), f"{body}")
    need(body["SensorType"] in INPUTS and body["Data"] and all(integer(v) for v in body["Data"]), f"{body}")


def input_reading(body):
    closed(body, ["Id", "DeviceIndex", "FeatureIndex", "Reading"])
    need(integer(body["Id"], ANY_ID) and integer(body["DeviceIndex"], ANY_ID) and integer(body["FeatureIndex"], ANY_ID), f"{body}")
    need(len(body["Reading"]) == 1 and set(body["Reading"]) <= INPUTS, f"{body}")
    (reading,) = body["Reading"].values()
    closed(reading, ["Value"])
    need(integer(reading["Value"]), f"{body}")


def common():
    return {"Ok": only_id(CLIENT_ID), "Error": error, "ScanningFinished": only_id(range(0, 1))}


def table(version):
    messages = common()
    if version == 4:
        return {**messages, "ServerInfo": server_info_v4, "DeviceList": device_list_v4, "InputReading": input_reading}
    messages |= {"DeviceList": device_list_legacy(version), "DeviceAdded": device_added(version), "DeviceRemoved": device_removed}
    messages["ServerInfo"] = server_info_old if version < 2 else server_info_middle
    if version < 2:
        messages["Test"] = test
    if version == 2:
        messages |= {"BatteryLevelReading": battery_reading, "RSSILevelReading": rssi_reading}
    if version == 3:
        messages["SensorReading"] = sensor_reading
    return messages


TABLES = {version: table(version) for version in range(5)}


def has_fraction(value):
    if isinstance(value, dict):
        return any(has_fraction(v) for v in value.values())
    if isinstance(value, list):
        return any(has_fraction(v) for v in value)
    return isinstance(value, float)


def check_frame(version, messages):
    """One frame as decoded JSON. `version` None: nothing negotiated, so only an Error may come."""
    need(isinstance(messages, list) and len(messages) == 1, f"not exactly one message in a frame: {messages}")
    need(isinstance(messages[0], dict) and len(messages[0]) == 1, f"not exactly one key: {messages[0]}")
    ((name, body),) = messages[0].items()
    shapes = {"Error": error} if version is None else TABLES[version]
    need(name in shapes, f"{name} does not belong to version {version}")
    shapes[name](body)
    need(name == "BatteryLevelReading" or not has_fraction(body), f"a number with a fraction: {body}")
    return name, body
