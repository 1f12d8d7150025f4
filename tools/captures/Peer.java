// One TLS connection by JSSE, as client or server: java Peer.java client|server HOST STORE
import java.io.*;
import java.net.InetAddress;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.*;

class Peer {
    static final char[] PASSWORD = "example".toCharArray();

    public static void main(String[] words) throws Exception {
        if (words[0].equals("client")) {
            ask(words[1], words[2]);
        } else {
            serve(words[1], words[2]);
        }
    }

    static void ask(String host, String roots) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        try (InputStream in = Files.newInputStream(Path.of(roots))) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(host, 443);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        try (socket) {
            socket.startHandshake();
            System.out.println("established " + socket.getSession().getProtocol());
            System.out.println(
                    new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine());
        }
    }

    static void serve(String address, String file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        try (SSLServerSocket listener =
                (SSLServerSocket)
                        context.getServerSocketFactory()
                                .createServerSocket(443, 5, InetAddress.getByName(address))) {
            while (true) {
                try (SSLSocket socket = (SSLSocket) listener.accept()) {
                    socket.getOutputStream().write("hello\n".getBytes());
                    System.out.println("established " + socket.getSession().getProtocol());
                } catch (IOException refused) {
                    System.out.println(refused);
                }
            }
        }
    }
}
