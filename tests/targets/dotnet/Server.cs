// The same as goserver by .NET's own HttpListener: dotnet Server.dll PORT FOLDER. A line is logged before its
// answer.
using System;
using System.IO;
using System.Net;
using System.Text;
using System.Threading.Tasks;

public static class Server {
  private static byte[] words;
  private static readonly object logging = new object();

  private static async Task Answer(HttpListenerContext context) {
    var request = context.Request;
    var response = context.Response;
    await request.InputStream.CopyToAsync(Stream.Null);
    string place = request.Url.AbsolutePath.Split('/')[1];
    byte[] body = Encoding.UTF8.GetBytes("no such thing\n");
    response.StatusCode = 200;
    if (place == "t") body = Encoding.UTF8.GetBytes("A small text.\n");
    else if (place == "big" || place == "c") body = words;
    else if (place == "e") body = Encoding.UTF8.GetBytes("thanks\n");
    else response.StatusCode = 404;
    bool head = request.HttpMethod == "HEAD";
    lock (logging)
      Console.WriteLine("log\t{0}\t{1} {2} HTTP/1.1\t{3}\t{4}", request.RemoteEndPoint, request.HttpMethod,
                        request.RawUrl, response.StatusCode, head ? 0 : body.Length);
    if (place == "c") response.SendChunked = true;
    else response.ContentLength64 = body.Length;
    if (!head) await response.OutputStream.WriteAsync(body, 0, body.Length);
    response.Close();
  }

  public static void Main(string[] arguments) {
    words = File.ReadAllBytes(Path.Combine(arguments[1], "words.txt"));
    var listener = new HttpListener();
    listener.Prefixes.Add("http://127.0.0.1:" + arguments[0] + "/");
    listener.Start();
    for (;;) {
      var context = listener.GetContext();
      Task.Run(() => Answer(context));
    }
  }
}
