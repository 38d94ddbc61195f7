#!/usr/bin/env python3
"""The peer as a script would be: a bare server on `websockets` that finds the Id in each text and answers Ok.
For Buttplug clients it has a ServerInfo and a fixed list of eight devices. Usage: bare.py [PORT]. Prints `ready ws://127.0.0.1:PORT`."""

import asyncio
import re
import sys

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

FEATURE = '"%d":{"FeatureIndex":%d,"FeatureDescription":"","Output":{"Vibrate":{"Value":[0,100]}}}'
DEVICE = '"%d":{"DeviceName":"Fixed","DeviceIndex":%d,"DeviceMessageTimingGap":0,"DeviceFeatures":{%s}}'
DEVICES = ",".join(DEVICE % (d, d, ",".join(FEATURE % (f, f) for f in range(2))) for d in range(8))
INFO = '[{"ServerInfo":{"Id":%s,"ServerName":"Bare Python","MaxPingTime":0,"ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]'
LIST = '[{"DeviceList":{"Id":%s,"Devices":{' + DEVICES + "}}}]"
OK = '[{"Ok":{"Id":%s}}]'
IDENTIFIER = re.compile(r'"Id":\s*(\d+)')


async def answer(connection):
    try:
        async for text in connection:
            form = OK
            if text[3] == "R":
                form = INFO if "RequestServerInfo" in text else LIST if "RequestDeviceList" in text else OK
            await connection.send(form % IDENTIFIER.search(text).group(1))
    except ConnectionClosed:
        pass


async def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    async with serve(answer, "127.0.0.1", port, compression=None, max_queue=None) as server:
        print(f"ready ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await server.serve_forever()


asyncio.run(main())
