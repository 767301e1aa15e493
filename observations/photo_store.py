"""Photos in a store that speaks S3, in place of DATA_DIR/media. Only the web server reads it: no links lead there.

Whatever goes wrong with it is an OSError, as with a disk, so the rules about photos know one kind of trouble only.
"""

from __future__ import annotations

import errno
import functools
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage

# A dead store costs a page seconds, and the next pages nothing: it is left alone for a while.
PATIENCE = Config(
    connect_timeout=2,
    read_timeout=3,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=16,
    request_checksum_calculation="when_required",  # not every store knows the newer checksums
    response_checksum_validation="when_required",
)
LEFT_ALONE = 10.0  # seconds
NO_SUCH_OBJECT = {"404", "NoSuchKey", "NotFound"}
TAKES_NO_ACL = {"AccessControlListNotSupported", "NotImplemented"}  # everything in such a bucket is its owner's alone


def like_a_disk(method: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what the store's library raises into what a disk raises."""

    @functools.wraps(method)
    def asked(self: PhotoStore, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self.left_alone_until:
            raise OSError(errno.EHOSTDOWN, "The photo store did not answer a moment ago.")
        try:
            return method(self, *args, **kwargs)
        except ClientError as error:
            if error.response["Error"]["Code"] in NO_SUCH_OBJECT:
                raise FileNotFoundError(errno.ENOENT, "The photo store has no such object.") from error
            raise OSError(errno.EIO, f"The photo store says {error.response['Error']['Code']}.") from error
        except (HTTPClientError, ConnectionError) as error:
            self.left_alone_until = time.monotonic() + LEFT_ALONE
            raise OSError(errno.EHOSTDOWN, f"The photo store does not answer ({type(error).__name__}).") from error
        except BotoCoreError as error:
            raise OSError(errno.EIO, f"The photo store cannot be used ({type(error).__name__}).") from error

    return asked


class PhotoStore(S3Storage):
    """django-storages' S3, private throughout, with one connection pool per process and names that are never reused."""

    default_acl: str | None

    def __init__(self, **settings: Any) -> None:
        self.left_alone_until = 0.0
        self._making, self._made = threading.Lock(), None
        super().__init__(**settings)

    def get_default_settings(self) -> dict[str, Any]:
        """Private objects, no signed links, short patience."""
        ours: dict[str, Any] = {"default_acl": "private", "querystring_auth": False, "client_config": PATIENCE}
        usual: dict[str, Any] = super().get_default_settings()
        return usual | ours

    @property
    def connection(self) -> Any:
        """One for all threads: its client is made for that, and each further one takes time and 13 MB."""
        with self._making:
            if self._made is None:
                self._made = self._create_session().resource(
                    "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=self.client_config
                )
        return self._made

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """A name nobody else gets, without asking: of the same upload sent twice, one may take its own object away."""
        root, _, extension = name.rpartition(".")
        unique: str = self.get_alternative_name(root, f".{extension}")
        return unique

    def save(self, name: str, content: Any, max_length: int | None = None) -> str:
        """Write under exactly this name."""
        saved: str = self._save(name, content)
        return saved

    def url(self, *args: Any, **kwargs: Any) -> str:
        """Photos are shown by their page alone, which asks each time who may see them."""
        raise NotImplementedError("A photo in the store has no address of its own.")

    @like_a_disk
    def _save(self, name: str, content: Any) -> str:
        facts = {"Bucket": self.bucket_name, "Key": self._normalize_name(name), "ContentType": "image/jpeg"}
        client, body = self.connection.meta.client, content.read()
        try:
            client.put_object(**facts, Body=body, **({"ACL": self.default_acl} if self.default_acl else {}))
        except ClientError as error:
            if error.response["Error"]["Code"] not in TAKES_NO_ACL:
                raise
            self.default_acl = None
            client.put_object(**facts, Body=body)
        return name

    @like_a_disk
    def _open(self, name: str, mode: str = "rb") -> ContentFile[bytes]:
        """The whole object, so that trouble shows before the first byte of an answer has left."""
        answer = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
        return ContentFile(answer["Body"].read(), name=name)

    def open_to_strangers(self, name: str) -> bool:
        """Whether somebody without credentials gets this object: then the bucket's rules are wrong."""
        try:
            with urllib.request.urlopen(super().url(name), timeout=5) as answer:  # noqa: S310 (S3_ENDPOINT_URL is a web address)
                return bool(answer.status == 200)
        except OSError:
            return False

    delete = like_a_disk(S3Storage.delete)
    exists = like_a_disk(S3Storage.exists)
    listdir = like_a_disk(S3Storage.listdir)
    size = like_a_disk(S3Storage.size)
    get_modified_time = like_a_disk(S3Storage.get_modified_time)
