"""A store for photos that speaks S3 over HTTP, for tests."""

import socket
from contextlib import contextmanager

BUCKET = "learning-walks-photos"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret", "AWS_EC2_METADATA_DISABLED": "1"}


class Store:
    """One bucket of a running store."""

    def __init__(self, address, bucket=BUCKET):
        import boto3

        self.address, self.bucket = address, bucket
        keys = {name.lower(): CREDENTIALS[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        self.client = boto3.client("s3", endpoint_url=address, region_name="us-east-1", **keys)

    @property
    def environment(self):
        """Return the environment variables with which another process uses the store."""
        return {"S3_BUCKET": self.bucket, "S3_ENDPOINT_URL": self.address, "S3_REGION": "us-east-1", **CREDENTIALS}

    @property
    def names(self):
        """Return the names of all objects in the bucket."""
        return [entry["Key"] for entry in self.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])]

    def empty(self):
        """Delete all objects in the bucket."""
        for name in self.names:
            self.client.delete_object(Bucket=self.bucket, Key=name)


@contextmanager
def running_store():
    """Run moto's server on a free port, with an empty bucket."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        store = Store(f"http://{host}:{port}")
        store.client.create_bucket(Bucket=BUCKET)
        store.empty()  # moto keeps the objects of an earlier server in this process
        yield store
    finally:
        server.stop()


@contextmanager
def frozen_store():
    """Yield the address of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"


def storages(settings, address, bucket=BUCKET):
    """Return Django's STORAGES with the photos in that store."""
    options = {"bucket_name": bucket, "endpoint_url": address, "region_name": "us-east-1"}
    return settings.STORAGES | {
        "default": {"BACKEND": "observations.photos.photo_store.PhotoStore", "OPTIONS": options}
    }
