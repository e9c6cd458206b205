// The same as goserver by the JDK's own server: java Server.java PORT FOLDER. A line is logged before its answer.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;

public class Server {
  private static byte[] words;

  private static void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    String place = exchange.getRequestURI().getPath().split("/")[1];
    byte[] body = switch (place) {
      case "t" -> "A small text.\n".getBytes();
      case "big", "c" -> words;
      case "e" -> "thanks\n".getBytes();
      default -> "no such thing\n".getBytes();
    };
    int status = "t big c e".contains(place) ? 200 : 404;
    boolean head = exchange.getRequestMethod().equals("HEAD");
    long length = head ? -1 : place.equals("c") ? 0 : body.length;
    log(exchange, status, head ? 0 : body.length);
    exchange.sendResponseHeaders(status, length);
    if (!head) {
      try (OutputStream out = exchange.getResponseBody()) {
        for (int at = 0; at < body.length; at += 10000) out.write(body, at, Math.min(10000, body.length - at));
      }
    }
    exchange.close();
  }

  private static synchronized void log(HttpExchange exchange, int status, long bytes) {
    InetSocketAddress peer = exchange.getRemoteAddress();
    System.out.println("log\t" + peer.getAddress().getHostAddress() + ":" + peer.getPort() + "\t"
        + exchange.getRequestMethod() + " " + exchange.getRequestURI() + " HTTP/1.1\t" + status + "\t" + bytes);
  }

  public static void main(String[] arguments) throws IOException {
    words = Files.readAllBytes(Path.of(arguments[1], "words.txt"));
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
    HttpServer server = HttpServer.create(address, 512);
    server.createContext("/", Server::answer);
    server.setExecutor(Executors.newFixedThreadPool(8));
    server.start();
  }
}
