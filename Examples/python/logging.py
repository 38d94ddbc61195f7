import logging
import sys

from buttplug import ButtplugClient

logging.basicConfig(level=logging.INFO, stream=sys.stdout)
logging.getLogger("websockets").setLevel(logging.WARNING)  # DEBUG shows the messages
client = ButtplugClient("Logging")
await client.connect(url)
logging.getLogger("app").info("connected to %s", client.server_name)
await client.disconnect()
