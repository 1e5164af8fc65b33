// Asks for the latest row right behind the welcome: the next message is it.  Then a
// ping, and rows until its answer; and a close that is answered.
using System;
using System.Net.WebSockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

class Latest
{
    static ClientWebSocket ws = new ClientWebSocket();
    static byte[] buffer = new byte[4096];

    static Task Send(string message)
    {
        return ws.SendAsync(new ArraySegment<byte>(Encoding.UTF8.GetBytes(message)),
            WebSocketMessageType.Text, true, CancellationToken.None);
    }

    static async Task<string> Receive()
    {
        var result = await ws.ReceiveAsync(new ArraySegment<byte>(buffer),
            CancellationToken.None);
        if (result.MessageType != WebSocketMessageType.Text)
            throw new Exception("no text: " + result.MessageType);
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    }

    // mcs takes no async Main.
    static void Main()
    {
        Run().GetAwaiter().GetResult();
    }

    static async Task Run()
    {
        await ws.ConnectAsync(new Uri("ws://localhost:8765"), CancellationToken.None);
        Console.WriteLine(await Receive());
        await Send("{\"type\":\"get_latest\",\"symbol\":\"NIFTY 50\"}");
        Console.WriteLine(await Receive());
        await Send("{\"type\":\"ping\"}");
        string message;
        do
            message = await Receive();
        while (message.StartsWith("{\"symbol\""));
        Console.WriteLine(message);
        await ws.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        Console.WriteLine(ws.State + " " + ws.CloseStatus);
    }
}
