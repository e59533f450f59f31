"""An FTP server for stories: pyftpdlib with TLS, for one user.

Arguments: folder, certificate, key, "explicit" or "implicit". Prints its port. It names another address than its own
for data connections, as servers behind a misconfigured NAT do, and refuses data connections that do not continue the
TLS session of their control connection, as vsftpd does.
"""

import sys

from OpenSSL import SSL
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

folder, certificate, key, mode = sys.argv[1:]


class DataHandler(TLS_DTPHandler):
    def handle_ssl_established(self):
        if not SSL._lib.SSL_session_reused(self.socket._ssl):
            self.cmd_channel.respond("522 TLS session was not continued.")
            self.close()


class Handler(TLS_FTPHandler):
    dtp_handler = DataHandler
    certfile = certificate
    keyfile = key
    tls_control_required = True
    tls_data_required = True
    masquerade_address = "192.0.2.1"
    authorizer = DummyAuthorizer()


class ImplicitHandler(Handler):
    """TLS begins with the connection."""

    def handle(self):
        self.secure_connection(self.get_ssl_context())

    def handle_ssl_established(self):
        super(TLS_FTPHandler, self).handle()

    def ftp_AUTH(self, line):
        self.respond("502 implicit TLS only")


Handler.authorizer.add_user("ann", "p@ss word", folder, perm="elr")
handler = ImplicitHandler if mode == "implicit" else Handler
Handler.get_ssl_context().set_session_id(b"files")
server = FTPServer(("127.0.0.1", 0), handler)
print(server.socket.getsockname()[1], flush=True)
server.serve_forever()
